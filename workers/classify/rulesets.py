"""Reading a topic's rule set from its folder. The only part of classification that opens files; the rest is `core`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from workers.classify.core.loading import build_ruleset
from workers.classify.core.sources import RuleError

if TYPE_CHECKING:
    from workers.classify.core.ruleset import Ruleset

DATA = Path(__file__).parent / "data"


def read_sources(folder: Path) -> dict[str, str]:
    """The TOML files of a topic's folder and of those that its `[topic] include` names, name to text."""
    found = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))}
    if "topic.toml" not in found:
        raise RuleError(str(folder), 1, "no topic.toml here: is this the folder of a topic?")
    try:
        included = tomllib.loads(found["topic.toml"]).get("topic", {}).get("include", "")
    except tomllib.TOMLDecodeError:
        return found  # the builder says what is wrong, with its line
    for name in included.split():
        for path in sorted((folder / name).resolve().glob("*.toml")):
            found[f"{name}/{path.name}"] = path.read_text(encoding="utf-8")
    return found


def load_ruleset(topic: Path | str) -> Ruleset:
    """The rule set of a topic that ships with us, by name, or of any topic's folder, by path.

    Raises RuleError with file and line when a rule cannot be used.
    """
    folder = Path(topic)
    return build_ruleset(read_sources(DATA / topic if not folder.is_dir() and folder.name == str(topic) else folder))


def topics() -> tuple[str, ...]:
    """The topics that ship with the product: the folders that have a topic.toml."""
    return tuple(sorted(path.parent.name for path in DATA.glob("*/topic.toml")))
