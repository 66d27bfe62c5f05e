"""How claimed work ends, and what `lua/complete.lua` reads of it; `shared.stores.work` calls the script."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from shared.messages import ArticleTagged, Message, PageFound
from shared.outcomes import Disposition, Keep, Later, Notice, Save
from shared.stores import keys
from shared.stores.blobs import packed
from shared.topology import TOPOLOGY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.stores.work import Claimed

FIRST_TEXT = 8  # the place in ARGV of the first blob or text beside the JSON
FAMILIES = {"page": keys.PAGE, "text": keys.TEXT}
RECORDS = {"feed": keys.FEED, "seen": keys.SEEN, "article": keys.ARTICLE}
_TAKERS = {row.takes: row.stage for row in TOPOLOGY.values()}


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """What is kept of work that will not be tried again, until an operator decides."""

    fingerprint: str
    body: str  # JSON, see `shared.stores.dead_letters`


@dataclass(frozen=True, kw_only=True)
class Completion:
    """How a claimed piece of work ends; written whole or not at all."""

    disposition: Disposition
    reason: str = ""
    messages: tuple[Message, ...] = ()
    saves: tuple[Save, ...] = ()
    retry_at: float | None = None
    again_at: float | None = None
    attempts: tuple[dict[str, Any], ...] = ()
    dead: DeadLetter | None = None
    notices: tuple[Notice, ...] = ()
    later: tuple[Later, ...] = ()
    keeps: tuple[Keep, ...] = ()

    @property
    def queued(self) -> list[Message]:
        """The messages that go to a stage, not to a stream."""
        return [message for message in self.messages if not isinstance(message, ArticleTagged)]


class Endings:
    """What the script is given of a batch: its JSON, and beside it the blobs and long texts, named by their places."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []
        self.texts: list[bytes | str] = []

    def add(self, work: Claimed, completion: Completion, queued: Iterable[Message]) -> None:
        """Add the end of a piece of work; `queued` are those of its messages that are queued with it."""
        row = self._of(work, completion.disposition)
        row |= {
            "reason": completion.reason,
            "next": [
                *(queue_row(message, None) for message in queued),
                *(queue_row(later.message, later.at) for later in completion.later),
            ],
            "saves": [_save(save) for save in _merged(completion.saves)],
            "keeps": [self._keep(keep) for keep in completion.keeps],
            "publish": [self._event(event) for event in completion.messages if isinstance(event, ArticleTagged)],
            "notices": [json.dumps({"at": round(time.time(), 3), **asdict(one)}) for one in completion.notices],
            "again_at": _text(completion.again_at),
        }
        if completion.disposition is Disposition.RETRIED:
            row |= {"at": _text(completion.retry_at), "attempts": json.dumps(completion.attempts[-20:])}
        if completion.dead:
            row |= {"dead": completion.dead.body, "fingerprint": completion.dead.fingerprint}
        self._rows.append(row)

    def put_back(self, work: Claimed, until: float) -> None:
        """Add that a piece of work waits untouched until a time."""
        self._rows.append(self._of(work, "deferred") | {"at": _text(until)})

    def json(self) -> bytes:
        """Return the rows as the script reads them."""
        return to_json(self._rows)

    def _of(self, work: Claimed, disposition: str) -> dict[str, Any]:
        return {"stage": work.stage, "id": work.id, "token": work.token, "disposition": disposition}

    def _keep(self, keep: Keep) -> list[Any]:
        family = FAMILIES[keep.family]
        return [family(keep.id), family.lifetime, self._place(packed(keep.data))]

    def _event(self, message: ArticleTagged) -> dict[str, Any]:
        named = message.fields()
        return {
            "record": keys.ARTICLE(message.article_id),
            "topic": message.topic,
            "streams": [message.stream, *message.also],
            "event_id": message.event_id,
            "version": str(message.version),
            "data": self._place(named.pop("data")),
            "fields": [text for pair in named.items() for text in pair],
            "list_most": message.list_most,
            "announce": message.announce,
        }

    def _place(self, text: bytes | str) -> int:
        self.texts.append(text)
        return FIRST_TEXT + len(self.texts) - 1


def queue_row(message: Message, at: float | None) -> list[Any]:
    """Return a message as the scripts queue it: once a record, where it is the first word of an article."""
    stage = _TAKERS[type(message)]
    record, lifetime, fields = "", 0, []
    if isinstance(message, PageFound) and message.why == "new":
        record, lifetime = keys.ARTICLE(message.article_id), keys.ARTICLE.lifetime or 0
        fields = ["url", message.url, "feed", message.feed_id, "found_at", _text(message.found_at)]
    return [stage, message.id, message.model_dump_json(exclude_defaults=True), _text(at), record, lifetime, fields]


def _merged(saves: Sequence[Save]) -> Sequence[Save]:
    """One save a record: what comes later counts."""
    if len(saves) < 2:  # noqa: PLR2004 - nothing to merge
        return saves
    fields: dict[tuple[str, str], dict[str, str | None]] = {}
    for save in saves:
        fields.setdefault((save.record, save.id), {}).update(save.fields)
    return [Save(record=record, id=name, fields=some) for (record, name), some in fields.items()]


def _save(save: Save) -> dict[str, Any]:
    key = RECORDS[save.record]
    given = [text for name, value in save.fields.items() if value is not None for text in (name, value)]
    gone = [name for name, value in save.fields.items() if value is None]
    return {"key": key(save.id), "set": given, "unset": gone, "lifetime": key.lifetime or 0}


def _text(number: float | None) -> str:
    return "" if number is None else f"{number:.3f}"
