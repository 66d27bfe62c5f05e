"""A country's part in the news, where the words about its name tell it. Pure. No grammar."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workers.classify.core.mentions import Mention, Reading
    from workers.classify.core.ruleset import RoleRule, Ruleset

_REACH = 40
_ENOUGH = 20  # mentions that are looked at


def role_of(ruleset: Ruleset, reading: Reading, mentions: Sequence[Mention]) -> str:
    """The role that most mentions have; of equals the one that the rules name first; empty where none is told."""
    told: Counter[str] = Counter()
    for mention in mentions[:_ENOUGH]:
        for rule in ruleset.roles:
            if _holds(rule, reading, mention):
                told[rule.role] += 1
                break
    order = {rule.role: -index for index, rule in reversed(list(enumerate(ruleset.roles)))}
    return max(told, key=lambda role: (told[role], order[role]), default="")


def _holds(rule: RoleRule, reading: Reading, mention: Mention) -> bool:
    hit = mention.hit
    before = reading.cues.at(rule.before, hit.part) if rule.before else ()
    after = reading.cues.at(rule.after, hit.part) if rule.after else ()
    return any(0 <= hit.start - end <= _REACH for _, end in before) or any(
        0 <= start - hit.end <= _REACH for start, _ in after
    )
