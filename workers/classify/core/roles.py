"""A country's part in the news, where the words about its name tell it. Pure. No grammar."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from workers.classify.core.matching import stands_after, stands_before

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
        here = reading.cues.groups_at(mention.hit.part)
        for rule in ruleset.roles:
            if (rule.before in here or rule.after in here) and _holds(rule, reading, mention):
                told[rule.role] += 1
                break
    order = {rule.role: -index for index, rule in reversed(list(enumerate(ruleset.roles)))} if len(told) > 1 else {}
    return max(told, key=lambda role: (told[role], order.get(role, 0)), default="")


def _holds(rule: RoleRule, reading: Reading, mention: Mention) -> bool:
    hit = mention.hit
    return stands_before(reading.cues.at(rule.before, hit.part), hit.start, _REACH) or stands_after(
        reading.cues.at(rule.after, hit.part), hit.end, _REACH
    )
