"""How a command ends that the machine or the settings stand in the way of: one sentence and an exit code.

Not for errors that a command knows of and explains itself (`console.cli.output.fail`), and not for bugs, which keep
their traceback.
"""

from __future__ import annotations

import errno

from console.cli.output import FAILED, NO_SERVER
from shared.settings_sources import SettingsError
from shared.stores.connection import RedisError

WHAT_TO_DO = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EROFS: "choose another folder, e.g. by RAREWIRE_STATE_DIR",
    errno.EACCES: "it belongs to another user; take it over, or choose another folder, e.g. by RAREWIRE_STATE_DIR",
    errno.EPERM: "it belongs to another user; take it over, or choose another folder, e.g. by RAREWIRE_STATE_DIR",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENOENT: "give the path of something that is there",
    errno.EISDIR: "give the path of a file",
    errno.ENOTDIR: "give a path whose folders are folders",
    errno.EEXIST: "there is something else in its place; move it, or choose another path",
}


def ending(error: Exception) -> tuple[str, int] | None:
    """Return what to tell and the exit code, or None for what nobody but a developer can mend."""
    if isinstance(error, SettingsError):
        return str(error), FAILED
    if isinstance(error, RedisError):
        return f"the server does not answer as it should ({error}); `rarewire doctor` looks closer", NO_SERVER
    if isinstance(error, UnicodeDecodeError):
        return f"this is no UTF-8 text: {error.reason} at byte {error.start}", FAILED
    if isinstance(error, OSError):
        return _of_machine(error), FAILED
    return None


def _of_machine(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    what = error.strerror or str(error) or type(error).__name__
    todo = WHAT_TO_DO.get(error.errno or 0, "")
    return f"{where}{what}" + (f"; {todo}" if todo else "")
