"""A rule set in memory: what the TOML files of a topic say, checked and ready to match. Pure data.

A *term* names a thing of the topic (an element, a company, a country) and becomes a tag. A *context* is a list of words
that only changes what other words mean. An *event* is a set of patterns over a sentence. A *zone* is a stretch of an
article that is no news (a company's own description, a disclaimer).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from workers.classify.core.model import Model

Scope = Literal["near", "sentence", "paragraph", "article", "alone"]
TOPIC = "topic"  # the built-in context: the topic itself was named without doubt


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """Contexts of which one must (or none may) stand within its scope of the mention."""

    contexts: tuple[tuple[str, Scope], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The contexts without their scopes."""
        return tuple(name for name, _ in self.contexts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One spelling. `lower` is what is searched; the flags say when a find counts."""

    lower: str
    exact: str = ""  # the only casing that counts
    capital: bool = False  # a name: counts only with a capital first
    open_left: bool = False  # the end of a longer word
    open_right: bool = False  # any ending may follow
    weak: bool = False  # counts only where the topic was named otherwise
    tail: re.Pattern[str] | None = None  # what must follow a stem in the middle: the rest of `stem* word`
    language: str = ""  # counts only in this language, where the article's is known
    bare: bool = False  # asks for no casing and no language


@dataclass(frozen=True, kw_only=True)
class Term:
    """A thing the lexicon names. `weight` (0 to 1): how surely a mention speaks of the topic; 0 says nothing of it."""

    id: str
    facet: str
    label: str
    weight: float = 0.0
    core: bool = False  # a mention proves that the topic is meant
    core_with: Condition | None = None  # it does so with one of these words
    wikidata: str = ""
    iptc: str = ""
    implies: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    needs: Condition | None = None
    unless: Condition | None = None
    forms: tuple[Form, ...] = ()
    source: str = ""  # file:line, for `explain` and for complaints

    @property
    def key(self) -> tuple[str, str]:
        """What a rule set knows the term by."""
        return self.facet, self.id


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """What a spelling stands for: a term, or a group of cue words."""

    form: Form
    term: Term | None = None
    group: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """All that one folded spelling stands for.

    `words` are the groups of cues for which it counts as a word, `stems` those for which any ending may follow: the
    plain majority, kept apart for speed. `uses` are all others, `stem_uses` those of them that a longer word may have.
    """

    length: int
    words: tuple[str, ...]
    stems: tuple[str, ...]
    uses: tuple[Use, ...]
    stem_uses: tuple[Use, ...]
    open_left: bool


@dataclass(frozen=True, kw_only=True)
class Context:
    """Words that change the meaning of others; never a tag."""

    id: str
    forms: tuple[Form, ...]
    source: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """Parts that must all be found within `within` characters of one sentence, in any order."""

    parts: tuple[str, ...]  # ids of cue groups
    within: int
    weight: float = 1.0
    needs: frozenset[str] = frozenset()  # the same parts: quickly told to be missing, as they mostly are


@dataclass(frozen=True, kw_only=True)
class EventRule:
    """An event and the patterns that tell of it."""

    id: str
    label: str
    patterns: tuple[Pattern, ...]
    iptc: str = ""
    wikidata: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class RoleRule:
    """A country's part in the news, told by words just before or just after its name."""

    role: str
    before: str  # cue group, or empty
    after: str


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A stretch that is no news: from a paragraph that starts with one of `openings` on, for this or all paragraphs."""

    id: str
    openings: tuple[str, ...]
    rest: bool
    longest: int = 0  # characters of a paragraph that can open it; 0 for any


@dataclass(frozen=True, kw_only=True, slots=True)
class Salience:
    """When a facet's thing is a tag: at `least` that weight and `share` of the heaviest; `top`: the heaviest always.

    `doubtful` is the factor for doubtful spellings; in a sentence that tells of one of the events `object_of` a thing
    counts twice.
    """

    least: float = 0.0
    share: float = 0.0
    top: bool = False
    doubtful: float = 1.0
    object_of: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ruleset:
    """All of one topic. `automaton` maps a folded spelling to its uses; `version` is a hash of all that went in."""

    topic: str
    label: str
    version: str
    terms: Mapping[tuple[str, str], Term]
    contexts: Mapping[str, Context]
    events: Mapping[str, EventRule]
    patterns: Mapping[str, tuple[tuple[EventRule, Pattern], ...]]  # by one cue group that the pattern needs
    roles: tuple[RoleRule, ...]
    zones: tuple[Zone, ...]
    salience: Mapping[str, Salience]
    model: Model
    automaton: Any  # ahocorasick.Automaton
    attributes: Mapping[str, str] = field(default_factory=dict)
    form_count: int = 0
