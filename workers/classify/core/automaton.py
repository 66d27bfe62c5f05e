"""The automaton that finds all spellings in one pass, and which event patterns a found cue word can complete. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ahocorasick

from workers.classify.core.ruleset import Context, Entry, EventRule, Form, Pattern, Term, Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def build_automaton(
    terms: Iterable[Term], contexts: Iterable[Context], groups: Mapping[str, Sequence[Form]]
) -> tuple[Any, int]:
    """An Aho-Corasick automaton from folded spellings to their entries, and the number of spellings."""
    uses: dict[str, list[Use]] = {}
    for term in terms:
        for form in term.forms:
            uses.setdefault(form.lower, []).append(Use(form=form, term=term))
    cues = [(context.id, context.forms) for context in contexts]
    for group, forms in (*cues, *groups.items()):
        for form in forms:
            uses.setdefault(form.lower, []).append(Use(form=form, group=group))
    automaton = ahocorasick.Automaton()
    for lower, found in uses.items():
        automaton.add_word(lower, _entry(lower, found))
    automaton.make_automaton()
    return automaton, len(uses)


def patterns_by_cue(
    events: Iterable[EventRule], groups: Mapping[str, Sequence[Form]]
) -> dict[str, tuple[tuple[EventRule, Pattern], ...]]:
    """Patterns by one of their cue groups: only those that a found word can complete are tried.

    That group is the one whose words are longest, because they are the fewest in a text.
    """
    found: dict[str, list[tuple[EventRule, Pattern]]] = {}
    for event in events:
        for pattern in event.patterns:
            cues = [part for part in pattern.parts if not part.startswith("{")]
            cue = max(cues, key=lambda name: min(len(form.lower) for form in groups[name]))
            found.setdefault(cue, []).append((event, pattern))
    return {cue: tuple(patterns) for cue, patterns in found.items()}


def _entry(lower: str, uses: Sequence[Use]) -> Entry:
    plain = [use for use in uses if use.term is None and _is_plain(use.form)]
    others = tuple(use for use in uses if use.term is not None or not _is_plain(use.form))
    return Entry(
        length=len(lower),
        words=tuple(dict.fromkeys(use.group for use in plain)),
        stems=tuple(dict.fromkeys(use.group for use in plain if use.form.open_right)),
        uses=others,
        stem_uses=tuple(use for use in others if use.form.open_right or use.form.tail),
        open_left=any(use.form.open_left for use in uses),
    )


def _is_plain(form: Form) -> bool:
    return not (form.exact or form.capital or form.open_left or form.tail or form.language)
