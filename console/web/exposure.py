"""Who may come in: the users of the settings, and whether the console may listen where it is told to."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.settings import Settings

Role = Literal["viewer", "operator"]
# OWASP's second choice of parameters: 19 MiB for one check, so that logins do not double the console's memory.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
SHORTEST = 10


class ExposureError(ValueError):
    """The console would be open to others; the text says what to set."""


@dataclass(frozen=True, kw_only=True)
class User:
    """One who may sign in."""

    name: str
    role: Role
    hash: str


def users_of(lines: Sequence[str]) -> dict[str, User]:
    """Parse `name:role:hash` lines. Raises ExposureError."""
    found: dict[str, User] = {}
    for number, line in enumerate(lines, 1):
        name, _, rest = line.partition(":")
        role, _, hashed = rest.partition(":")
        if not name or role not in get_args(Role) or not hashed.startswith("$argon2"):
            raise ExposureError(
                f"entry {number} of console_users is not `name:role:hash` with the role viewer or operator and an "
                "argon2 hash; `rarewire console-password NAME` prints one"
            )
        found[name] = User(name=name, role=cast("Role", role), hash=hashed)
    return found


def user_line(name: str, role: Role, password: str) -> str:
    """Return the line for the settings. Raises ExposureError for a short password or a name with a colon."""
    if len(password) < SHORTEST:
        raise ExposureError(f"the password must have at least {SHORTEST} characters")
    if not name or ":" in name:
        raise ExposureError("the name must not be empty or contain a colon")
    return f"{name}:{role}:{HASHER.hash(password)}"


# Checked where the name is unknown, so that time tells nothing about names.
_NOBODY = User(name="", role="viewer", hash=HASHER.hash("nobody has this password"))


def signed_in(users: dict[str, User], name: str, password: str) -> User | None:
    """Return the user whose password it is, or None; takes as long for an unknown name."""
    user = users.get(name, _NOBODY)
    try:
        HASHER.verify(user.hash, password)
    except (VerificationError, InvalidHashError):
        return None
    return user if user.name else None


def is_loopback(host: str) -> bool:
    """Whether an address or name means this machine only."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def check_exposure(settings: Settings) -> None:
    """Refuse to serve without a login anywhere but on loopback. Raises ExposureError, with what to do."""
    users = users_of(settings.console_users)
    if users:
        return
    if not is_loopback(settings.console_host):
        raise ExposureError(
            f"the console would listen on {settings.console_host} without a login: set console_users (see "
            "`rarewire console-password --help`), or leave console_host at 127.0.0.1"
        )
    if settings.console_url:
        raise ExposureError(
            "console_url says that a proxy makes the console public, but it has no login: set console_users "
            "(see `rarewire console-password --help`)"
        )
