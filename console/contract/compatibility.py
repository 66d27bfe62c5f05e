"""Whether a schema still is what was released: the only change that breaks nobody is a new optional field. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Schema = dict[str, Any]

# Words for people, which bind nobody.
PROSE = frozenset({"title", "description", "examples", "$comment", "$defs", "$schema", "default"})
NESTED = frozenset({"properties", "required", "items", "prefixItems", "anyOf", "additionalProperties", "$ref"})


def breaks(released: Schema, current: Schema) -> list[str]:
    """Return what breaks consumers of the released schema, one sentence each; empty if nothing does."""
    return list(_compare(released, current, released, current, ""))


def _compare(old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str) -> Iterator[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    here = path or "the event"
    for name in sorted((old.keys() | new.keys()) - PROSE - NESTED):
        if old.get(name) != new.get(name):
            yield f"{here}: {name} was {old.get(name)!r} and is {new.get(name)!r}"
    yield from _compare_fields(old, new, old_root, new_root, path)
    for name in ("items", "additionalProperties"):
        before, after = old.get(name), new.get(name)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _compare(before, after, old_root, new_root, f"{path}[]")
        elif before != after:
            yield f"{here}: {name} was {before!r} and is {after!r}"
    ways, now = old.get("anyOf", []), new.get("anyOf", [])
    if len(ways) != len(now):
        yield f"{here}: it was one of {len(ways)} forms and is one of {len(now)}"
    for before, after in zip(ways, now, strict=False):
        yield from _compare(before, after, old_root, new_root, path)


def _compare_fields(old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before:
        where = f"{path}.{name}".lstrip(".")
        if name not in after:
            yield f"{where}: the field was removed or renamed"
        else:
            yield from _compare(before[name], after[name], old_root, new_root, where)
    was, now = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(was - now):
        yield f"{path}.{name}: the field was always there and is no longer".lstrip(".")
    for name in sorted(now - was):
        yield f"{path}.{name}: the field was optional or new, and is required".lstrip(".")


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema
