"""A small world in the stores, for tests of what people see: feeds in every state, articles, failures of seven causes.

Everything is made by the same scripts that the pipeline uses; only the causes are invented. All texts are our own.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schedulers.core import FeedState
from shared.article import Article
from shared.fingerprint import fingerprint
from shared.messages import ArticleExtracted, ArticleTagged, FeedDue, PageFetched, PageFound
from shared.outcomes import Disposition, Notice, Save
from shared.stores import blobs, keys
from shared.stores.dead_letters import Letter, as_json
from shared.stores.feeds import FeedStore
from shared.stores.notices import NoticeStore
from shared.stores.vitals import VitalStore
from shared.stores.work import Completion, DeadLetter, WorkStore
from shared.topology import Stage
from shared.urls import article_id, feed_id

if TYPE_CHECKING:
    from shared.stores.connection import Database

HOSTS = tuple(
    f"{name}.example" for name in ("minerals-daily", "metalwire", "oxide-post", "northern-assay", "magnetpress")
)
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>{{7*7}}'


@dataclass(frozen=True)
class CauseOfDeath:
    """One of the seven."""

    stage: Stage
    reason: str
    error_class: str
    text: str
    place: str = ""


CAUSES = (
    CauseOfDeath(Stage.FETCH, "timeout", "RetryableError", "no answer from {host} within 25 s"),
    CauseOfDeath(Stage.FETCH, "server_error", "RetryableError", "status 503 from {host}"),
    CauseOfDeath(Stage.FETCH, "tls", "PermanentError", "certificate verify failed: '{host}' is not valid"),
    CauseOfDeath(Stage.FETCH, "too_large", "PermanentError", "the answer is larger than {number} bytes"),
    CauseOfDeath(
        Stage.EXTRACT, "page_expired", "PermanentError", "the page's bytes are no longer kept; retry the fetch"
    ),
    CauseOfDeath(
        Stage.EXTRACT, "bug", "ValueError", "invalid literal for int() with base 10: '{number}'", "dates.py:parse"
    ),
    CauseOfDeath(Stage.CLASSIFY, "worker_lost", "WorkerLost", "{number} workers were lost while they had it"),
)


def bury(database: Database, number: int, *, rng: random.Random | None = None) -> str:
    """Let one piece of work die of one of the seven causes; returns the letter's name."""
    rng = rng or random.Random(number)
    cause, host = CAUSES[number % len(CAUSES)], HOSTS[rng.randrange(len(HOSTS))]
    work, now = WorkStore(database), database.time()
    url = f"https://{host}/news/{number}-{rng.randrange(10**6)}"
    identity = article_id(url)
    feed = feed_id(f"https://{host}/feed")
    database.redis.hset(keys.ARTICLE(identity), mapping={"url": url, "feed": feed, "found_at": f"{now - 900:.3f}"})
    work.add([_message(cause.stage, identity, url, feed, now)])
    claimed = next(one for one in work.claim(cause.stage, most=500, lease=30) if one.id == identity)
    text = cause.text.format(host=host, number=rng.randrange(10**6))
    mark = fingerprint(stage=cause.stage, error_class=cause.error_class, message=text, place=cause.place)
    attempts = tuple(
        {"at": now - 600 + 200 * n, "reason": cause.reason, "error_class": cause.error_class, "text": text,
         "seconds": 25.0, "worker": "box:4711"}
        for n in range(3)
    )  # fmt: skip
    letter = Letter(
        stage=cause.stage, id=identity, message=claimed.message, feed=feed, url=url, host=host, reason=cause.reason,
        error_class=cause.error_class, text=text, fingerprint=mark, attempts=attempts, lineage=json.dumps(attempts),
        traceback="Traceback (most recent call last):\n  …\nValueError: …" if cause.reason == "bug" else "",
        first_failure=now - 600, last_failure=now, worker="box:4711", version="0.1.0",
    )  # fmt: skip
    step = {
        "at": now,
        "outcome": "dead",
        "reason": cause.reason,
        "detail": text,
        "tries": 3,
        "seconds": 25.0,
        "worker": "box:4711",
    }
    fields = {f"stage:{cause.stage}": json.dumps(step), "status": f"{cause.stage}:dead:{cause.reason}"}
    ended = Completion(
        disposition=Disposition.DEAD, reason=cause.reason, dead=DeadLetter(fingerprint=mark, body=as_json(letter)),
        saves=(Save(record="article", id=identity, fields=fields),),
    )  # fmt: skip
    assert work.complete(claimed, ended)
    return letter.key


def _message(stage: Stage, identity: str, url: str, feed: str, now: float) -> Any:
    common = {"article_id": identity, "url": url, "feed_id": feed, "found_at": now}
    if stage is Stage.FETCH:
        return PageFound(**common, why="operator")
    if stage is Stage.EXTRACT:
        return PageFetched(**common, final_url=url, fetched_at=now, page_key=identity)
    return ArticleExtracted(**common, fetched_at=now, article_key=identity)


def publish(database: Database, number: int, *, title: str = "") -> str:
    """Publish one article with text, tags and evidence; returns its id."""
    work, now, host = WorkStore(database), database.time(), HOSTS[number % len(HOSTS)]
    url = f"https://{host}/published/{number}"
    identity, feed = article_id(url), feed_id(f"https://{host}/feed")
    title = title or f"Refinery number {number} makes its first neodymium oxide"
    paragraphs = (
        f"The plant in the north made its first tonne of neodymium oxide on Tuesday, its owner said in report {number}.",
        "What it makes goes to a magnet maker, which wants less dysprosium from abroad.",
        "Export licences",
        "Officials said that export licences for terbium would be decided within the year.",
    )
    article = Article(
        title=title, paragraphs=paragraphs, kinds=("paragraph", "paragraph", "heading", "paragraph"), language="en",
        published_at=now - 3_600, site_name=host, quality=0.93, path="rules", authors=("A. Writer",),
    )  # fmt: skip
    blobs.texts(database).keep(identity, article.model_dump_json().encode())
    tags = [
        _tag("relevance", "rare_earth", "Rare earths", []),
        _tag("element", "nd", "neodymium", [_seen(paragraphs, 0, "neodymium oxide"), _in_title(title, "neodymium")]),
        _tag("element", "dy", "dysprosium", [_seen(paragraphs, 1, "dysprosium")]),
        _tag("element", "tb", "terbium", [_seen(paragraphs, 3, "terbium")]),
        _tag("event", "export_control", "export control", [_seen(paragraphs, 3, "export licences")]),
    ]
    data = {"article_id": identity, "version": 1, "topic": "rare_earth", "decision": "rare_earth", "probability": 0.97,
            "url": url, "site": host, "feed": feed, "title": title, "language": "en", "tags": tags, "ruleset": "r1",
            "canonical_url": url, "first_seen_at": "2026-01-01T00:00:00Z", "fetched_at": "2026-01-01T00:00:00Z",
            "content_hash": identity}  # fmt: skip
    found = PageFound(article_id=identity, url=url, feed_id=feed, found_at=now - 42)
    work.add([found])
    for stage in (Stage.FETCH, Stage.EXTRACT):
        _pass_on(work, stage, found, now)
    claimed = next(one for one in work.claim(Stage.CLASSIFY, most=500, lease=30) if one.id == identity)
    event = ArticleTagged(
        article_id=identity, event_id=f"{identity}-1", topic="rare_earth", stream="rarewire:rare-earth:v1", version=1,
        type="rarewire.article.published.v1", subject=identity, time="2026-01-01T00:00:00Z", dataschema="x",
        data=json.dumps(data),
    )  # fmt: skip
    saves = _step(Stage.CLASSIFY, identity, now, {"decision": "rare_earth", "probability": "0.970"})
    more = {"title": title, "decision": "rare_earth", "probability": "0.97", "stands:rare_earth": "1"}
    record = Save(record="article", id=identity, fields=more)
    assert work.complete(
        claimed, Completion(disposition=Disposition.FORWARDED, messages=(event,), saves=(saves, record))
    )
    return identity


def _tag(facet: str, tag_id: str, label: str, evidence: list[dict[str, Any] | None]) -> dict[str, Any]:
    return {"facet": facet, "id": tag_id, "label": label, "weight": 1.0, "evidence": [one for one in evidence if one]}


def _seen(paragraphs: tuple[str, ...], index: int, text: str) -> dict[str, Any]:
    start = paragraphs[index].index(text)
    return {"field": f"paragraphs[{index}]", "start": start, "end": start + len(text), "text": text}


def _in_title(title: str, text: str) -> dict[str, Any] | None:
    start = title.find(text)
    return {"field": "title", "start": start, "end": start + len(text), "text": text} if start >= 0 else None


def _step(  # noqa: PLR0917
    stage: Stage, identity: str, now: float, note: dict[str, str], outcome: str = "forwarded", reason: str = ""
) -> Save:
    line = {
        "at": now,
        "outcome": outcome,
        **({"reason": reason} if reason else {}),
        **note,
        "tries": 1,
        "seconds": 0.2,
        "worker": "box:1",
    }
    status = f"{stage}:{outcome}" + (f":{reason}" if reason else "")
    return Save(record="article", id=identity, fields={f"stage:{stage}": json.dumps(line), "status": status})


def _pass_on(work: WorkStore, stage: Stage, found: PageFound, now: float) -> None:
    claimed = next(one for one in work.claim(stage, most=500, lease=30) if one.id == found.id)
    following = Stage.EXTRACT if stage is Stage.FETCH else Stage.CLASSIFY
    message = _message(following, found.id, found.url, found.feed_id, now)
    work.complete(
        claimed,
        Completion(disposition=Disposition.FORWARDED, messages=(message,), saves=(_step(stage, found.id, now, {}),)),
    )


def drop(database: Database, number: int, *, stage: Stage = Stage.EXTRACT, reason: str = "too_short") -> str:
    """Let one page end normally at a stage; returns the article's id."""
    work, now, host = WorkStore(database), database.time(), HOSTS[number % len(HOSTS)]
    url = f"https://{host}/dropped/{stage}/{reason}/{number}"
    identity = article_id(url)
    found = PageFound(article_id=identity, url=url, feed_id=feed_id(f"https://{host}/feed"), found_at=now - 5)
    work.add([found])
    for before in Stage:
        if before is Stage.POLL:
            continue
        if before is stage:
            break
        _pass_on(work, before, found, now)
    claimed = next(one for one in work.claim(stage, most=500, lease=30) if one.id == identity)
    saves = (_step(stage, identity, now, {"detail": "212 characters"}, "dropped", reason),)
    work.complete(claimed, Completion(disposition=Disposition.DROPPED, reason=reason, saves=saves))
    return identity


def retry_later(database: Database, number: int) -> str:
    """Let one page wait for its next try; returns `stage/id`."""
    work, now, host = WorkStore(database), database.time(), HOSTS[number % len(HOSTS)]
    url = f"https://{host}/later/{number}"
    found = PageFound(article_id=article_id(url), url=url, feed_id="f", found_at=now)
    work.add([found])
    claimed = next(one for one in work.claim(Stage.FETCH, most=500, lease=30) if one.id == found.id)
    attempt = {
        "at": now,
        "reason": "timeout",
        "error_class": "RetryableError",
        "text": f"no answer from {host} within 25 s",
    }
    work.complete(
        claimed,
        Completion(
            disposition=Disposition.RETRIED, reason="timeout", retry_at=now + 60 + number, attempts=(attempt,),
            saves=(_step(Stage.FETCH, found.id, now, {"next_try": f"{now + 60:.0f}"}, "retried", "timeout"),),
        ),
    )  # fmt: skip
    return f"fetch/{found.id}"


def watch_feeds(database: Database) -> list[str]:
    """Watch one feed of each host, each in another state; returns their ids."""
    now, store, work = database.time(), FeedStore(database), WorkStore(database)
    day = 86_400.0
    common = {"asked_at": now - 600, "ok_at": now - 600, "rate_entries": 40.0, "rate_seconds": 10 * day, "window": 20}
    states = (
        {**common, "new_at": now - 3_000},
        {**common, "new_at": now - 12 * day},
        {**common, "new_at": now - day, "errors": 4.5, "reason": "timeout", "failing_since": now - 2 * day},
        {**common, "new_at": now - 9_000, "wait_until": now + 1_800, "errors": 0.25, "reason": "rate_limited"},
        {**common, "new_at": now - 5_000, "paused": True},
    )
    ids = []
    for host, fields in zip(HOSTS, states, strict=True):
        url = f"https://{host}/feed"
        identity = feed_id(url)
        state = FeedState(url=url, next_at=now + 900, **fields)
        store.put(
            identity,
            {"name": host.removesuffix(".example").replace("-", " ").title(), "language": "en", **state.to_fields()},
        )
        if not state.paused:
            work.schedule(identity, now + 900)
        ids.append(identity)
    NoticeStore(database).add(kind="failing", about=ids[2], detail="timeout")
    return ids


def poll(database: Database, feed: str) -> None:
    """Let a feed be polled once, with nothing new."""
    work = WorkStore(database)
    work.schedule(feed, database.time())
    for claimed in work.claim(Stage.POLL, most=50, lease=30):
        work.complete(claimed, Completion(disposition=Disposition.DROPPED, reason="nothing_new", again_at=database.time() + 900,
                                          notices=(Notice(kind="gap", about=feed, detail="no entry in common"),) if claimed.id == feed else ()))  # fmt: skip


def beat_all(database: Database) -> None:
    """Let every process show life, as a supervisor would see it."""
    vitals = VitalStore(database)
    for name in ("tick", "beat", "console", *Stage):
        vitals.beat(name)
    vitals.publish_processes(
        "box:1",
        [{"name": name, "pid": 100 + n, "up": 4_000.0 + n, "restarts": int(name == "text"), "ok": True, "why": "works", "seen": 1.2}
         for n, name in enumerate(("server", "scheduler", "beat", "web", "text", "console"))],
    )  # fmt: skip


def populate(database: Database, *, dead: int = 140, published: int = 30, dropped: int = 20, retries: int = 8) -> None:
    """Make the whole world."""
    feeds = watch_feeds(database)
    rng = random.Random(1)
    for number in range(published):
        publish(database, number)
    for number in range(dropped):
        drop(
            database,
            number,
            stage=(Stage.EXTRACT, Stage.CLASSIFY)[number % 2],
            reason=("too_short", "not_rare_earth")[number % 2],
        )
    for number in range(retries):
        retry_later(database, number)
    for number in range(dead):
        bury(database, number, rng=rng)
    poll(database, feeds[0])
    assert FeedDue(feed_id=feeds[0])
    beat_all(database)
