"""Articles: what is published, as it comes; and one article with its trace, its text and the evidence in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from console.query import parse
from console.story import tell
from console.web.desk import desk_of, message, page, see_other, visitor_of
from console.web.evidence import highlight
from console.web.views.failures import lineage_rows
from console.web.views.outgoing import feed_query
from console.web.views.overview import event_row, latest
from console.weighing import weigh
from shared.article import Article
from shared.events import stream_of
from shared.messages import PageFound
from shared.outcomes import Disposition
from shared.stores import blobs
from shared.stores.articles import ArticleStore
from shared.stores.audit import Act, AuditStore
from shared.stores.dead_letters import DeadLetterStore
from shared.stores.feeds import FeedStore
from shared.stores.streams import StreamStore
from shared.stores.vitals import VitalStore
from shared.stores.work import WorkStore
from shared.tags import Evidence, Tag
from shared.topology import Stage
from shared.urls import BadURLError, article_id, canonical

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

    from console.web.desk import Desk
    from workers.classify.core.explaining import Explanation

SHOWN, LOOKED_AT = 50, 500
QUALIFIERS = ("site", "tag", "language")


def articles(request: Request) -> Response:
    """Show the newest published articles, filtered if asked."""
    desk, text = desk_of(request), request.query_params.get("q", "")
    query = parse(text, QUALIFIERS, words=True)
    filtered = bool(query.qualifiers or query.words)
    rows = latest(StreamStore(desk.database), desk.settings.topics, LOOKED_AT if filtered else SHOWN)
    found = [row for row in rows if _matches(row, query.qualifiers, query.words)][:SHOWN]
    return page(
        request, "articles.html", rows=found, looked_at=len(rows), filtered=filtered, filter=text,
        complaints=query.complaints, now=VitalStore(desk.database).now(),
        feed=None if query.words or query.complaints else feed_query(query.qualifiers),
    )  # fmt: skip


def _matches(row: dict[str, Any], qualifiers: Any, words: tuple[str, ...]) -> bool:
    tags = {tag["id"].lower() for tag in row["tags"]} | {f"{tag['facet']}:{tag['id']}".lower() for tag in row["tags"]}
    title = row["title"].lower()
    return (
        qualifiers.get("site", row["site"]) == row["site"]
        and qualifiers.get("language", row["language"]) == row["language"]
        and (not qualifiers.get("tag") or qualifiers["tag"].lower() in tags)
        and all(word.lower() in title for word in words)
    )


def article(request: Request) -> Response:
    """Show what became of one article, and why."""
    desk, wanted = desk_of(request), request.path_params["id"]
    trace = ArticleStore(desk.database).trace(wanted)
    if not trace:
        return message(
            request, "No such article", f"No record of “{wanted}” is kept: no feed has announced it, or that is longer "
            "ago than the 90 days that records are kept.", status=404, do="Search for its URL above to find out more.",
        )  # fmt: skip
    kept = blobs.texts(desk.database).read(wanted)
    found = Article.model_validate_json(kept) if kept else None
    trace = {**dict.fromkeys(SHOWN_FIELDS, ""), **trace}
    event = _event(desk, trace)
    weighed = weigh(found, desk.settings.topics[0]) if found and request.query_params.get("weighed") else None
    tags = [Tag.model_validate(tag) for tag in event["data"].get("tags", ())] if event else []
    letters = [f"{stage}/{wanted}" for stage in Stage if DeadLetterStore(desk.database).get(f"{stage}/{wanted}")]
    return page(
        request, "article.html", trace=trace, story=tell(trace), found=found, event=event, tags=tags, weighed=weighed,
        text=highlight(found, _marks(tags, weighed)) if found else None, letters=letters, steps=_steps(trace),
        operator_did=_did(desk, wanted), feed_name=_feed_name(desk, trace["feed"]), now=VitalStore(desk.database).now(),
    )  # fmt: skip


def _marks(tags: list[Tag], weighed: Explanation | None) -> list[Tag]:
    """Return what is marked in the text: the tags' evidence, or all that was weighed, if that was asked for."""
    if weighed is None:
        return tags
    places = [(place, place.facet) for place in weighed.counted] + [(place, "refused") for place in weighed.refused]
    return [
        Tag(
            facet=facet, id=place.id, label=f"{place.id} {place.weight:g} {place.note}".strip(),
            evidence=(Evidence(field=place.field, start=place.start, end=place.end, text=place.text),),
        )
        for place, facet in places
    ]  # fmt: skip


def _feed_name(desk: Desk, feed: str) -> str:
    return FeedStore(desk.database).names([feed]).get(feed, feed) if feed else ""


def _event(desk: Desk, trace: dict[str, Any]) -> dict[str, Any] | None:
    """Return the newest event of an article as long as its stream keeps it."""
    streams = StreamStore(desk.database)
    for topic in desk.settings.topics:
        entry = trace.get(f"entry:{topic}")
        for entry_id, fields in streams.range(stream_of(topic), first=entry, last=entry) if entry else ():
            return {**event_row(entry_id, fields), "data": json.loads(fields["data"]), "stream": stream_of(topic)}
    return None


SHOWN_FIELDS = ("title", "url", "feed", "found_at", "decision", "probability")
BLANK = {"reason": "", "detail": "", "next_try": "", "tries": 1, "outcome": "forwarded", "at": 0.0}
KNOWN = {"stage", "at", "outcome", "reason", "tries", "seconds", "worker", "detail", "next_try"}


def _steps(trace: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the four stages in order, each with its step or nothing yet."""
    done = {step["stage"]: step for step in trace["steps"]}
    ended = next((s["stage"] for s in trace["steps"][::-1] if s["outcome"] != Disposition.FORWARDED), "")
    steps: list[dict[str, Any]] = []
    over = False
    step: dict[str, Any] | None
    for stage in (Stage.FETCH, Stage.EXTRACT, Stage.CLASSIFY):
        step = done.get(stage.value)
        notes = {name: value for name, value in (step or {}).items() if name not in KNOWN}
        steps.append(
            {
                "stage": stage.value,
                "step": None if over or not step else {**BLANK, **step},
                "over": over,
                "notes": notes,
            }
        )
        over = over or stage.value == ended
    return steps


def _did(desk: Desk, wanted: str) -> list[dict[str, Any]]:
    store = DeadLetterStore(desk.database)
    return [entry for stage in Stage for entry in lineage_rows(store, f"{stage}/{wanted}")]


def fetch_now(request: Request, form: FormData) -> Response:
    """Fetch a page that no feed announced, or one again, because an operator says so."""
    desk, given = desk_of(request), str(form.get("url", ""))
    try:
        url = canonical(given)
        identity = article_id(url)
    except BadURLError as error:
        return message(request, "That is no address", str(error), status=400)
    record = ArticleStore(desk.database).get(identity)
    work = WorkStore(desk.database)
    found = PageFound(
        article_id=identity, url=record.get("url", url), feed_id=record.get("feed", ""), found_at=work.now(),
        why="operator" if record else "new",
    )  # fmt: skip
    added = work.add([found])
    who = visitor_of(request).name
    AuditStore(desk.database).write(Act(who=who, what="page fetched on demand", scope=url, count=added))
    return see_other(f"/articles/{identity}")
