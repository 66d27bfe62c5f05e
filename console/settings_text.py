"""The settings as documents: `docs/configuration.md` and `deploy/env.example` are made by this and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticUndefined

from shared.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

HEAD = """\
# Configuration

Every setting is an environment variable, or a line in a TOML file (`RAREWIRE_CONFIG`, by default
`~/.config/rarewire/rarewire.toml`) under its name without `RAREWIRE_`, in lower case. The environment wins.
Lists are written as JSON in the environment: `RAREWIRE_PORTS='[80, 443]'`.

This page is written by `rarewire settings --markdown` and checked by a test.

| variable | default | what it does |
|---|---|---|
"""


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield variable, default and description of each setting, in the order of the class."""
    for name, field in Settings.model_fields.items():
        yield f"RAREWIRE_{name.upper()}", _default(name, field), field.description or ""


def markdown() -> str:
    """Return `docs/configuration.md`."""
    return HEAD + "".join(f"| `{name}` | {default} | {text} |\n" for name, default, text in rows())


def env_example() -> str:
    """Return `deploy/env.example`."""
    blocks = (f"# {text}\n# Default: {default}\n#{name}=\n" for name, default, text in rows())
    return "# rarewire settings; uncomment what you change. See docs/configuration.md.\n\n" + "\n".join(blocks)


def _default(name: str, field: FieldInfo) -> str:
    if name in WORDS:
        return WORDS[name]
    value: Any = field.default
    if value is PydanticUndefined or value in (None, ""):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else _listed(value)}`"


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


# Defaults that are worked out at run time.
WORDS = {"state_dir": "`$XDG_STATE_HOME/rarewire`, else `~/.local/state/rarewire`", "text_processes": "one a core"}
