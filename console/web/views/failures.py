"""Failures: error groups, then letters, then one letter; retried or discarded after a look at how many and which."""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any

from console.editing import fitting
from console.query import parse
from console.web.desk import desk_of, message, page, see_other, visitor_of, whole
from console.words import plural
from shared.stores.audit import Act, AuditStore
from shared.stores.dead_letters import FACETS, DeadLetterStore, Redrive, Scope
from shared.topology import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

    from console.query import Query
    from shared.stores.dead_letters import Letter, Verb

PAGE = 50
SAMPLE = 5
GROUPS = 100
MOST_NAMES = 1_000  # names in one form; more are moved by their filter


def failures(request: Request) -> Response:
    """Show the error groups, or the letters that a filter matches."""
    text = request.query_params.get("q", "")
    query = parse(text, FACETS)
    if request.query_params.get("view") == "letters" or query.qualifiers:
        return _letters(request, text, query)
    store = DeadLetterStore(desk_of(request).database)
    rows, count = store.group_rows(most=GROUPS), store.count()
    return page(
        request, "failures.html", groups=rows, count=count, hidden=max(len(store.groups()) - len(rows), 0),
        filter=text, complaints=query.complaints, done=_done(request), facets=_facets(store),
        now=store.now(),
    )  # fmt: skip


def _letters(request: Request, text: str, query: Query) -> Response:
    store = DeadLetterStore(desk_of(request).database)
    scope = Scope(**query.qualifiers)
    start = whole(request.query_params.get("from", "0"))
    count = store.count(scope)
    names = store.names(scope=scope, start=start, most=PAGE)
    group = next(iter(store.letters(names[:1])), None) if scope.group else None
    return page(
        request, "letters.html", letters=list(store.letters(names)), count=count, start=start, size=PAGE, scope=scope,
        filter=text, complaints=query.complaints, done=_done(request), group=group, facets=_facets(store),
        now=store.now(),
    )  # fmt: skip


def _facets(store: DeadLetterStore) -> dict[str, list[tuple[str, int]]]:
    return {name: store.facet(name, most=6) for name in ("stage", "reason", "host")}


def _done(request: Request) -> Act | None:
    """Return the act that the browser comes from, to say what it did."""
    wanted = request.query_params.get("act", "")
    acts = AuditStore(desk_of(request).database).acts(most=20) if wanted else []
    return next((act for act in acts if act.id == wanted), None)


def letter(request: Request) -> Response:
    """Show one letter whole."""
    name = f"{request.path_params['stage']}/{request.path_params['id']}"
    store = DeadLetterStore(desk_of(request).database)
    found = store.get(name)
    if found is None:
        return message(
            request, "No such dead letter", f"“{name}” is not among the dead letters: it was retried or discarded.",
            status=404, do="The audit log says who did it; the search above shows what became of the article.",
        )  # fmt: skip
    return page(
        request, "letter.html", letter=found, attempts=attempt_rows(found),
            lineage=lineage_rows(store, name), done=_done(request), now=store.now(),
        pretty=_pretty(found.message), editable=found.stage != Stage.POLL, error="", draft="",
    )  # fmt: skip


def attempt_rows(found: Letter) -> list[dict[str, Any]]:
    """Return a letter's attempts with all fields that a page shows, whichever version wrote them."""
    blank = {"at": 0.0, "reason": found.reason, "text": "", "worker": "", "seconds": 0.0}
    return [{**blank, **attempt} for attempt in found.attempts]


def lineage_rows(store: DeadLetterStore, name: str) -> list[dict[str, Any]]:
    """Return what operators did with a piece of work, with all fields that a page shows."""
    blank = {"at": 0.0, "who": "", "why": "", "verb": "retry", "message": ""}
    return [{**blank, **entry} for entry in store.lineage(name)]


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def confirm(request: Request) -> Response:
    """Show how many and which letters an act would move; nothing is changed here."""
    params = request.query_params
    verb = _verb(params.get("verb", ""))
    names = params.getlist("name")[:MOST_NAMES]
    return _confirm(request, verb, params.get("q", ""), names)


def _confirm(request: Request, verb: Verb, text: str, names: Sequence[str], *, dry: str = "") -> Response:
    store = DeadLetterStore(desk_of(request).database)
    query = parse(text, FACETS)
    if query.complaints and not names:
        return message(request, "That filter was not understood", " ".join(query.complaints), status=400)
    scope = Scope(**query.qualifiers)
    cutoff = store.now()
    shown = list(names) if names else store.names(scope=scope, most=SAMPLE)
    sample = list(store.letters(shown[:SAMPLE]))
    count = sum(1 for _ in store.letters(list(names))) if names else store.count(scope)
    return page(
        request, "confirm.html", verb=verb, scope=scope, filter=scope.words(), names=list(names), count=count,
        sample=sample, cutoff=f"{cutoff:.3f}", dry=dry, now=cutoff,
    )  # fmt: skip


def move(request: Request, form: FormData) -> Response:
    """Retry or discard what the confirmation showed: what is still dead, and did not fail again since."""
    verb, text = _verb(_text(form, "verb")), _text(form, "q")
    names = [str(name) for name in form.getlist("name")][:MOST_NAMES]
    query = parse(text, FACETS)
    if query.complaints:
        return message(request, "That filter was not understood", " ".join(query.complaints), status=400)
    if not names and not query.qualifiers and _text(form, "everything") != "yes":
        return message(request, "Nothing was chosen", "Choose letters, or a filter; nothing was changed.", status=400)
    scope = Scope(**query.qualifiers)
    store = DeadLetterStore(desk_of(request).database)
    chosen = names or store.names(scope=scope)
    cutoff = _number(_text(form, "cutoff")) or store.now()
    if _text(form, "dry"):
        would = sum(1 for found in store.letters(chosen) if found.last_failure <= cutoff + 1)
        return _confirm(
            request, verb, text, names, dry=f"{plural(would, 'letter')} would be moved. Nothing was changed."
        )
    what = scope.words() or ("all dead letters" if not names else plural(len(names), "chosen letter"))
    act = _carry_out(request, store, chosen, verb, _Order(what=what, cutoff=cutoff, form=form))
    return see_other("/failures", act=act)


class _Order:
    """What a form asks for beside the letters."""

    def __init__(self, *, what: str, cutoff: float | None, form: FormData, message: str = "") -> None:
        self.what, self.cutoff, self.message = what, cutoff, message
        self.why = _text(form, "why")[:500]
        self.rate = _number(_text(form, "rate")) or 0.0


def _carry_out(request: Request, store: DeadLetterStore, names: Sequence[str], verb: Verb, order: _Order) -> str:
    """Move letters with an audit entry that counts along; returns the entry's id."""
    audit, who = AuditStore(desk_of(request).database), visitor_of(request).name
    done = (
        "failures edited and retried"
        if order.message
        else "failures retried"
        if verb == "retry"
        else "failures discarded"
    )
    act = audit.open(Act(who=who, what=done, scope=order.what, why=order.why))
    how = Redrive(cutoff=order.cutoff, rate=order.rate, who=who, why=order.why, message=order.message, audit=act)
    store.redrive(names, verb, how)
    audit.close(act)
    return act


def edit(request: Request, form: FormData) -> Response:
    """Retry one letter with another message; the old one stays in the lineage."""
    name = f"{request.path_params['stage']}/{request.path_params['id']}"
    store = DeadLetterStore(desk_of(request).database)
    found = store.get(name)
    if found is None or found.stage == Stage.POLL:
        return message(request, "Nothing to edit", "This letter is no longer there, or is a poll.", status=404)
    draft = _text(form, "message")
    try:
        message_ = fitting(found, draft)
    except ValueError as error:
        return page(
            request, "letter.html", status=400, letter=found, attempts=attempt_rows(found),
            lineage=lineage_rows(store, name), done=None, now=store.now(), pretty=_pretty(found.message), editable=True,
            error=str(error), draft=draft,
        )  # fmt: skip
    order = _Order(what=name, cutoff=None, form=form, message=message_)
    return see_other("/failures", act=_carry_out(request, store, [name], "retry", order))


def _verb(text: str) -> Verb:
    return "discard" if text == "discard" else "retry"


def _text(form: FormData, name: str) -> str:
    value: Any = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return max(value, 0.0) if isfinite(value) else None
