"""What each table of a rule file may say, and as what. Pure. Checked first, so that every later step can trust it.

    SHAPES["event"] = Shape(needed=("id",), texts="label …", numbers="within", spelled=True)

Whatever else a table holds are spellings, under the key of a language (two or three letters), `any` or `other`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workers.classify.core.features import EXPLAINED
from workers.classify.core.sources import RuleError, table_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from workers.classify.core.sources import Source

LANGUAGE = 3  # letters of the longest language key
SPELLINGS = frozenset({"any", "other", "forms", "weak"})
ATTRIBUTES = (
    "play", "country", "z", "group", "status", "date", "instrument", "certainty", "issuer", "region", "why", "operator",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The keys of a table by what they hold, and whether other keys are spellings."""

    needed: tuple[str, ...] = ()
    texts: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    spelled: bool = False


def _names(line: str) -> frozenset[str]:
    return frozenset(line.split())


SHAPES: dict[str, Shape] = {
    "term": Shape(
        needed=("id", "facet"),
        texts=_names(
            "id facet label core_with core_within wikidata iptc needs needs_within unless unless_within ticker"
        ),
        numbers=_names("weight"),
        flags=_names("core again"),
        lists=_names("implies"),
        tables=_names("only"),
        spelled=True,
    ),
    "context": Shape(needed=("id",), texts=_names("id"), spelled=True),
    "event": Shape(needed=("id",), texts=_names("id label iptc wikidata"), numbers=_names("within"), spelled=True),
    "zone": Shape(needed=("id",), texts=_names("id"), numbers=_names("longest"), flags=_names("rest"), spelled=True),
    "role": Shape(needed=("role",), texts=_names("role before after")),
}
SALIENCE = Shape(numbers=_names("least share doubtful"), flags=_names("top"), texts=_names("object_of"))
MODEL = Shape(needed=("intercept", "weights"), numbers=_names("intercept"), tables=_names("weights"))
_WEIGHTS = Shape(numbers=frozenset(EXPLAINED))
_EXPECTED = {
    "texts": "text",
    "numbers": "a number",
    "flags": "true or false",
    "lists": "a list of texts",
    "tables": "a table",
}


def tables_of(source: Source, document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Each `[[kind]]` table of a document with its line, the defaults of terms filled in.

    Raises RuleError for a table of an unknown kind, a missing or unknown key, or a value of a wrong kind.
    """
    for kind in document.keys() - SHAPES.keys() - {"topic", "model", "salience", "defaults"}:
        raise RuleError(source.name, source.line_of(kind), f"unknown table {kind!r}")
    defaults = _table(source, "defaults", document.get("defaults", {}))
    for kind, shape in SHAPES.items():
        found = document.get(kind, [])
        if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
            raise RuleError(source.name, source.line_of(kind), f"{kind!r} is written [[{kind}]]")
        for index, given in enumerate(found):
            line = table_line(source, kind, index)
            table = defaults | given if kind == "term" else given
            check(source, kind, shape, table, line=line)
            yield kind, table, line


def spellings(kind: str, table: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is left of a checked table: its spellings by their key."""
    shape = SHAPES[kind]
    named = shape.texts | shape.numbers | shape.flags | shape.lists | shape.tables | set(ATTRIBUTES)
    return [(key, value) for key, value in table.items() if key not in named]


def check(source: Source, kind: str, shape: Shape, table: Mapping[str, Any], *, line: int) -> None:
    """Raise RuleError where a table is not of its shape."""
    for key in shape.needed:
        if key not in table or table[key] == "":
            raise RuleError(source.name, line, f"{'an' if kind[0] in 'aeiou' else 'a'} {kind} needs `{key}`")
    for key, value in table.items():
        wrong = _complaint(shape, key, value)
        if wrong:
            raise RuleError(source.name, source.line_of(key, after=line), wrong)


def check_salience(source: Source, salience: Any) -> dict[str, dict[str, Any]]:
    """The `[salience]` table, checked."""
    found = _table(source, "salience", salience)
    for facet, limits in found.items():
        line = source.line_of(facet, after=source.line_of("salience"))
        check(source, f"salience of {facet!r}", SALIENCE, _table(source, facet, limits), line=line)
    return found


def check_model(source: Source, model: Any) -> dict[str, Any]:
    """The `[model]` table, checked: its weights are of features that there are."""
    found = _table(source, "model", model)
    line = source.line_of("model")
    check(source, "model", MODEL, found, line=line)
    check(source, "model", _WEIGHTS, found["weights"], line=line)
    return found


def check_topic(source: Source, topic: Any) -> dict[str, Any]:
    """The `[topic]` table, checked: texts only, among them an id."""
    found = _table(source, "topic", topic)
    check(source, "topic", Shape(needed=("id",), texts=frozenset(found)), found, line=source.line_of("topic"))
    return found


def _table(source: Source, name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RuleError(source.name, source.line_of(name), f"{name!r} must be a table")
    return value


def _complaint(shape: Shape, key: str, value: Any) -> str:
    for kind, expected in _EXPECTED.items():
        if key in getattr(shape, kind):
            return "" if _is(kind, value) else f"{key!r} must be {expected}"
    if not shape.spelled:
        return f"unknown key {key!r}"
    if key in ATTRIBUTES:
        return "" if isinstance(value, str | int) else f"{key!r} must be text or a number"
    if key not in SPELLINGS and not (len(key) <= LANGUAGE and key.islower()):
        return f"unknown key {key!r}"
    return "" if isinstance(value, str) else f"{key!r} must be one line of spellings"


def _is(kind: str, value: Any) -> bool:
    if kind == "numbers":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "lists":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, {"texts": str, "flags": bool, "tables": dict}[kind])
