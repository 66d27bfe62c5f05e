"""How long dead letters are kept, if a limit is set: written to a file before they go, and the going is on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.words import plural
from shared.stores.audit import Act, AuditStore
from shared.stores.dead_letters import DeadLetterStore, Redrive, as_json
from shared.stores.notices import NoticeStore

if TYPE_CHECKING:
    from pathlib import Path

    from shared.settings import Settings
    from shared.stores.connection import Database

DAY = 86_400
CHUNK = 500


def keep_retention(database: Database, settings: Settings, *, now: float) -> int:
    """Discard dead letters that are older than the setting allows; returns how many. 0 days: none, ever."""
    if not settings.dead_letter_days:
        return 0
    oldest = now - settings.dead_letter_days * DAY
    store, moved = DeadLetterStore(database), 0
    if not store.older_than(oldest, most=1):
        return 0
    file = settings.state_dir / "dead-letters.jsonl"
    audit = AuditStore(database)
    why = f"older than {settings.dead_letter_days} days; written to {file}"
    act = audit.open(Act(who="rarewire", what="failures discarded", scope="retention", why=why, via="rarewire"))
    while names := store.older_than(oldest, most=CHUNK):
        _write(file, store, names)
        gone = store.redrive(names, "discard", Redrive(cutoff=oldest, who="rarewire", why=why, audit=act))
        moved += gone
        if not gone:
            break
    audit.close(act)
    NoticeStore(database).add(kind="retention", about=plural(moved, "dead letter") + " discarded", detail=why)
    return moved


def _write(file: Path, store: DeadLetterStore, names: list[str]) -> None:
    """Append letters to the file. A letter may be there twice after a crash in between, and is never missing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        for letter in store.letters(names):
            lines.write(as_json(letter) + "\n")
