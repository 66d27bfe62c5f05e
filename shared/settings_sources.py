"""Where settings come from, and what is wrong with them, in sentences for the person who set them.

Values are left out of the sentences: they may be secrets. Not the settings themselves (`shared.settings`).
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable

FIELD = re.compile(r'field "(\w+)"')
SERVERS = ("redis", "rediss", "unix")


class SettingsError(ValueError):
    """Settings that cannot be used. `problems` are pairs: which setting or file, and what is wrong with it."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        wrong = "; ".join(f"{where}: {what}" for where, what in self.problems)
        super().__init__(f"{wrong} (`rarewire settings` lists what can be set and how)")


def home(variable: str, default: str) -> Path:
    """Return a folder of the user's. Raises SettingsError where the environment knows no home (a container's user)."""
    try:
        return Path(os.environ.get(variable) or Path.home() / default)
    except RuntimeError as error:
        raise SettingsError([("HOME", "this user has no home folder; set HOME or RAREWIRE_STATE_DIR")]) from error


def settings_file() -> Path:
    """Return the file of settings, which need not exist unless it is named; one that is named raises SettingsError."""
    named = os.environ.get("RAREWIRE_CONFIG")
    if named and not Path(named).is_file():
        raise SettingsError([(named, "is no file, but RAREWIRE_CONFIG names it")])
    if named:
        return Path(named)
    try:
        return home("XDG_CONFIG_HOME", ".config") / "rarewire" / "rarewire.toml"
    except SettingsError:
        return Path(os.devnull)  # no home, no file: the environment alone may say everything


def is_server_address(url: str) -> bool:
    """Whether a redis://, rediss:// or unix:// URL says where its server is: a host, or a socket's path."""
    try:
        parts = urlsplit(url)
        place = parts.path if parts.scheme == "unix" else parts.hostname
        return parts.scheme in SERVERS and bool(place) and (parts.port or 1) > 0
    except ValueError:
        return False


def explained(error: Exception, file: Path) -> SettingsError:
    """Return what a failed reading of the environment and of `file` means."""
    if isinstance(error, ValidationError):
        return SettingsError(
            (_name(one["loc"]), one["msg"].removeprefix("Value error, "))
            for one in error.errors(include_input=False, include_url=False)
        )
    if isinstance(error, tomllib.TOMLDecodeError):
        return SettingsError([(str(file), f"is not TOML: {error}")])
    if isinstance(error, UnicodeDecodeError):
        return SettingsError([(str(file), f"is not UTF-8 (byte {error.start})")])
    if isinstance(error, OSError):
        return SettingsError([(str(file), f"cannot be read: {error.strerror}")])
    field = FIELD.search(str(error))
    where = _name((field.group(1),)) if field else "the environment"
    return SettingsError([(where, 'must be JSON, for a list ["like", "this"]')])


def _name(location: tuple[int | str, ...]) -> str:
    name = ".".join(str(part) for part in location)
    return f"{name} (RAREWIRE_{str(location[0]).upper()})" if location else "the settings"
