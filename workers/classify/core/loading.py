"""From the TOML files of a topic to a checked rule set. Pure: texts in, rule set out; reading files is `rulesets.py`.

Whatever is wrong is refused with its file and line: an unknown key, a spelling that would match everything, a reference
to nothing, a thing named twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast, get_args

from workers.classify.core.automaton import build_automaton, patterns_by_cue
from workers.classify.core.forms import (
    COMMON_WORDS,
    FormError,
    parse_forms,
    parse_pattern,
    part_forms,
    split_patterns,
    weighted,
)
from workers.classify.core.model import Model
from workers.classify.core.ruleset import (
    TOPIC,
    Condition,
    Context,
    EventRule,
    Form,
    Pattern,
    RoleRule,
    Ruleset,
    Salience,
    Scope,
    Term,
    Zone,
)
from workers.classify.core.shapes import ATTRIBUTES, check_model, check_salience, check_topic, spellings, tables_of
from workers.classify.core.sources import RuleError, Source, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME_FACETS = frozenset({"country", "company", "project", "agency", "policy"})
_REACH = 90


@dataclass(slots=True)
class _Build:
    """What has been gathered so far; the only thing here that changes."""

    terms: dict[tuple[str, str], Term] = field(default_factory=dict)
    again: list[Term] = field(default_factory=list)  # further spellings of terms, with conditions of their own
    contexts: dict[str, Context] = field(default_factory=dict)
    events: dict[str, EventRule] = field(default_factory=dict)
    roles: list[RoleRule] = field(default_factory=list)
    zones: list[Zone] = field(default_factory=list)
    groups: dict[str, tuple[Form, ...]] = field(default_factory=dict)
    salience: dict[str, Salience] = field(default_factory=dict)
    topic: dict[str, Any] = field(default_factory=dict)
    model: Model = field(default_factory=Model)


def build_ruleset(sources: Mapping[str, str]) -> Ruleset:
    """A rule set from files, name to text. Raises RuleError with file and line at the first thing that is wrong."""
    build = _Build()
    for source in (Source(name=name, text=text) for name, text in sorted(sources.items())):
        _read_source(build, source)
    if not build.topic:
        raise RuleError("topic.toml", 1, "no file has a [topic] table")
    for name in build.topic.get("drop", "").split():  # of the included folders, what the topic itself is
        build.terms.pop(tuple(name.split(":", 1)), None)
        build.again = [term for term in build.again if ":".join(term.key) != name]
    _check_references(build)
    automaton, count = build_automaton((*build.terms.values(), *build.again), build.contexts.values(), build.groups)
    return Ruleset(
        topic=build.topic["id"],
        label=build.topic.get("label", build.topic["id"]),
        version=version_of(sources),
        terms=build.terms,
        contexts=build.contexts,
        events=build.events,
        patterns=patterns_by_cue(build.events.values(), build.groups),
        roles=tuple(build.roles),
        zones=tuple(build.zones),
        salience=build.salience,
        model=build.model,
        automaton=automaton,
        attributes={key: str(value) for key, value in build.topic.items()},
        form_count=count,
    )


def _read_source(build: _Build, source: Source) -> None:
    document = source.parse()
    readers = {
        "term": _read_term,
        "context": _read_context,
        "event": _read_event,
        "zone": _read_zone,
        "role": _read_role,
    }
    for kind, table, line in tables_of(source, document):
        readers[kind](build, source, table, line)
    if "topic" in document:
        build.topic = check_topic(source, document["topic"])
    if "model" in document:
        model = check_model(source, document["model"])
        build.model = Model(intercept=float(model["intercept"]), weights=model["weights"])
    for facet, limits in check_salience(source, document.get("salience", {})).items():
        build.salience[facet] = Salience(**limits | {"object_of": tuple(limits.get("object_of", "").split())})


def _read_term(build: _Build, source: Source, table: dict[str, Any], line: int) -> None:
    term = _term(source, table, line)
    if table.get("again"):
        build.again.append(term)
        return
    if term.key in build.terms:
        raise RuleError(
            source.name, line, f"{term.facet} {term.id!r} was named before, at {build.terms[term.key].source}"
        )
    build.terms[term.key] = term


def _term(source: Source, table: dict[str, Any], line: int) -> Term:
    weight = float(table.get("weight", 0.0))
    if not 0.0 <= weight <= 1.0:
        raise RuleError(source.name, source.line_of("weight", after=line), f"weight {weight} is not between 0 and 1")
    forms = tuple(_forms(source, table, line))
    if not forms:
        raise RuleError(source.name, line, f"{table['id']!r} has no spelling")
    return Term(
        id=table["id"],
        facet=table["facet"],
        label=table.get("label", table["id"]),
        weight=weight,
        core=bool(table.get("core", False)),
        core_with=_condition(source, table, "core", line, suffix="_with"),
        wikidata=table.get("wikidata", ""),
        iptc=table.get("iptc", ""),
        implies=tuple(table.get("implies", ())),
        attributes=_attributes(table),
        needs=_condition(source, table, "needs", line),
        unless=_condition(source, table, "unless", line),
        forms=forms,
        source=f"{source.name}:{line}",
    )


def _attributes(table: dict[str, Any]) -> dict[str, str]:
    found = {key: str(table[key]) for key in sorted(table.keys() & set(ATTRIBUTES))}
    return found | ({"ticker": ", ".join(table["ticker"].split())} if "ticker" in table else {})


def _forms(source: Source, table: dict[str, Any], line: int) -> Iterator[Form]:
    names = table["facet"] in NAME_FACETS
    for key, value in spellings("term", table):
        for form in _spelled(source, value, line=line, key=key, names=names):
            if form.lower in COMMON_WORDS and not form.exact and form.tail is None:
                why = f"{form.lower!r} is in almost every text: it would match almost everything"
                raise RuleError(source.name, source.line_of(key, after=line), why)
            yield form
    for language, spelled in table.get("only", {}).items():
        yield from _spelled(source, spelled, line=line, key=language, names=names, language=language)
    for ticker in table.get("ticker", "").split():
        yield from _ticker_forms(ticker)


def _spelled(source: Source, value: str, *, line: int, key: str, names: bool, language: str = "") -> tuple[Form, ...]:
    try:
        return parse_forms(value, names=names, language=language)
    except FormError as error:
        raise RuleError(source.name, source.line_of(key, after=line), str(error)) from error


def _ticker_forms(ticker: str) -> tuple[Form, ...]:
    """A ticker counts only behind its exchange: alone MP, NB or PRE are words, and so are most."""
    exchange, _, symbol = ticker.partition(":")
    exchange = exchange.replace("_", " ")
    return parse_forms(f"={exchange}:{symbol} | ={exchange}: {symbol} | ={symbol}.{exchange}")


def _condition(source: Source, table: dict[str, Any], key: str, line: int, suffix: str = "") -> Condition | None:
    words = table.get(key + suffix, "")
    if not words:
        return None
    usual = table.get(f"{key}_within", "paragraph")
    contexts = [(name, scope or usual) for name, _, scope in (word.partition("@") for word in words.split())]
    for _, scope in contexts:
        if scope not in get_args(Scope):
            raise RuleError(source.name, source.line_of(f"{key}_within", after=line), f"{scope!r} is no scope")
    return Condition(contexts=tuple((name, cast("Scope", scope)) for name, scope in contexts))


def _read_context(build: _Build, source: Source, table: dict[str, Any], line: int) -> None:
    forms = tuple(
        form
        for key, value in spellings("context", table)
        for form in _spelled(source, value, line=line, key=key, names=False)
    )
    if table["id"] in build.contexts:
        raise RuleError(source.name, line, f"context {table['id']!r} was named before")
    build.contexts[table["id"]] = Context(id=table["id"], forms=forms, source=f"{source.name}:{line}")


def _read_event(build: _Build, source: Source, table: dict[str, Any], line: int) -> None:
    """An event; of an event named before, as the world's in a topic's file, only further patterns."""
    patterns: list[Pattern] = []
    for key, value in spellings("event", table):
        patterns.extend(_patterns(build, source, key, value, within=int(table.get("within", _REACH)), line=line))
    known = build.events.get(table["id"])
    build.events[table["id"]] = (
        replace(known, patterns=(*known.patterns, *patterns))
        if known
        else EventRule(
            id=table["id"],
            label=table.get("label", table["id"].replace("_", " ")),
            patterns=tuple(patterns),
            iptc=table.get("iptc", ""),
            wikidata=table.get("wikidata", ""),
            source=f"{source.name}:{line}",
        )
    )


def _patterns(build: _Build, source: Source, key: str, value: str, *, within: int, line: int) -> Iterator[Pattern]:
    try:
        for text in split_patterns(value):
            parsed = parse_pattern(text, within=within)
            unread = [part for part in parsed.parts if not part.startswith("{") and part not in build.groups]
            build.groups |= {part: part_forms(part) for part in unread}
            yield weighted(parsed, 0.5 if key == "weak" else 1.0)
    except FormError as error:
        raise RuleError(source.name, source.line_of(key, after=line), str(error)) from error


def _read_zone(build: _Build, source: Source, table: dict[str, Any], line: int) -> None:
    openings = tuple(
        form.lower
        for key, value in spellings("zone", table)
        for form in _spelled(source, value, line=line, key=key, names=False)
    )
    build.zones.append(
        Zone(
            id=table["id"], openings=openings, rest=bool(table.get("rest", False)), longest=int(table.get("longest", 0))
        )
    )


def _read_role(build: _Build, source: Source, table: dict[str, Any], line: int) -> None:
    before, after = (f"role:{side}:{len(build.roles)}" if table.get(side) else "" for side in ("before", "after"))
    for group, side in ((before, "before"), (after, "after")):
        if group:
            build.groups[group] = _spelled(source, table[side], line=line, key=side, names=False)
    build.roles.append(RoleRule(role=table["role"], before=before, after=after))


def _check_references(build: _Build) -> None:
    facets = {facet for facet, _ in build.terms} | {TOPIC}
    for term in (*build.terms.values(), *build.again):
        name, _, line = term.source.rpartition(":")
        if term.key not in build.terms:
            raise RuleError(name, int(line), f"{term.id!r} is named `again`, but was not before")
        for condition in (term.needs, term.unless, term.core_with):
            for context in condition.names if condition else ():
                if context not in build.contexts and context != TOPIC:
                    raise RuleError(name, int(line), f"{term.id!r} asks for an unknown context {context!r}")
        for implied in term.implies:
            if tuple(implied.split(":", 1)) not in build.terms:
                raise RuleError(name, int(line), f"{term.id!r} implies an unknown term {implied!r}")
    for event in build.events.values():
        asked = {part.strip("{}") for pattern in event.patterns for part in pattern.parts if part.startswith("{")}
        unknown = sorted(asked - facets)
        if unknown:
            name, _, line = event.source.rpartition(":")
            raise RuleError(name, int(line), f"event {event.id!r} asks for an unknown facet {unknown[0]!r}")
