"""The checks, in the order they are run. Each gives something to the consumer and returns what it did wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.conformance import material
from console.conformance.bench import GROUP, MAX_DELIVERIES, STREAM, Bench, Given

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Check = Callable[[Bench], list[str]]

STOP_PATIENCE = 10.0


def reads_and_acknowledges(bench: Bench) -> list[str]:
    """Does each event once, and acknowledges it."""
    return _expect(bench, [bench.give(material.article(f"plain-{number}")) for number in range(5)], once=True)


def drops_duplicates(bench: Bench) -> list[str]:
    """Knows a duplicate by its event id, and acknowledges it, too."""
    fields = material.article("twice")
    return _expect(bench, [bench.give(fields), bench.give(fields), bench.give(material.article("other"))], once=True)


def ignores_unknown_fields(bench: Bench) -> list[str]:
    """Takes attributes and data that it does not know for what they are: none of its business."""
    return _expect(bench, [bench.give(material.with_unknown_fields("more"))])


def takes_updates_and_retractions(bench: Bench) -> list[str]:
    """Works on updates, retractions, and articles whose text is not in the event."""
    events = (
        material.article("story"),
        material.article("story", version=2, updated=True),
        material.retraction("story", version=3),
        material.without_text("long"),
    )
    return _expect(bench, [bench.give(fields) for fields in events])


def skips_canaries(bench: Bench) -> list[str]:
    """Acknowledges canaries and does nothing about them."""
    quiet = [bench.give(material.canary(number), effect=False) for number in range(2)]
    return [*_expect(bench, [bench.give(material.article("after-canary"))]), *_silent(bench, quiet, "a canary")]


def skips_unknown_types(bench: Bench) -> list[str]:
    """Acknowledges types that it does not know and does nothing about them."""
    quiet = [bench.give(material.unknown_type("later"), effect=False)]
    return [*_expect(bench, [bench.give(material.article("after-type"))]), *_silent(bench, quiet, "an unknown type")]


def buries_poison(bench: Bench) -> list[str]:
    """Puts what it cannot read on the group's dead stream, and goes on."""
    for fields in (material.poison("poison"), material.rubbish()):
        bench.give(fields, effect=False)
    wrong = _expect(bench, [bench.give(material.article("after-poison"))])
    number = len(bench.dead())
    if number < 2:  # noqa: PLR2004 - the two above
        wrong.append(
            f"{2 - number} of 2 unreadable entries are not on {STREAM}:dead:{GROUP} "
            f"(after {MAX_DELIVERIES} deliveries at the latest)"
        )
    if any("deadentry" not in fields for fields in bench.dead()):
        wrong.append("buries entries without the field `deadentry`: they cannot be given back")
    return wrong


def gives_up_after_its_deliveries(bench: Bench) -> list[str]:
    """Buries an event that was delivered too often and never acknowledged: it may be what kills its consumers."""
    bench.subject.kill()
    killer = bench.give(material.article("killer"), effect=False)
    bench.take_as_another([killer], deliveries=MAX_DELIVERIES)
    bench.subject.start()
    wrong = _expect(bench, [bench.give(material.article("after-killer"))])
    if bench.effects_of(killer.event):
        wrong.append(
            f"works on an event that was delivered {MAX_DELIVERIES} times (RAREWIRE_MAX_DELIVERIES) and never "
            "acknowledged: one that kills its consumers would do so for ever; XPENDING tells the number"
        )
    elif not any(fields.get("deadentry") == killer.entry for fields in bench.dead()):
        wrong.append(f"an event that was delivered {MAX_DELIVERIES} times in vain is not on {STREAM}:dead:{GROUP}")
    return wrong


def takes_over_from_the_dead(bench: Bench) -> list[str]:
    """Takes over what a dead consumer holds."""
    bench.subject.kill()
    given = [bench.give(material.article(f"held-{number}")) for number in range(3)]
    bench.take_as_another(given)
    bench.subject.start()
    return [
        f"held by a dead consumer for longer than RAREWIRE_CLAIM_AFTER_MS: {text}; XAUTOCLAIM takes such entries over"
        for text in _expect(bench, given)
    ]


def survives_trimmed_entries(bench: Bench) -> list[str]:
    """Gets over pending entries that were trimmed, and leaves none of them pending."""
    bench.subject.kill()
    given = [bench.give(material.article(f"trimmed-{number}"), effect=False) for number in range(3)]
    bench.take_as_another(given)
    bench.database.redis.xdel(STREAM, *(one.entry for one in given))
    bench.subject.start()
    wrong = _expect(bench, [bench.give(material.article("after-trim"))])
    return [
        f"3 pending entries were trimmed (their fields are nil, or XAUTOCLAIM lists their ids): {text}"
        for text in wrong
    ]


def survives_a_restart_of_the_server(bench: Bench) -> list[str]:
    """Goes on when the server was killed and is back."""
    bench.server.kill()
    bench.server.start()
    wrong = _expect(bench, [bench.give(material.article(f"restart-{number}")) for number in range(3)])
    return [f"after a restart of the server: {text}" for text in wrong]


def loses_nothing_when_killed(bench: Bench) -> list[str]:
    """Is killed in the midst of its work: its successor does the rest."""
    given = [bench.give(material.article(f"killed-{number}")) for number in range(20)]
    bench.until(lambda: bench.effects_of(given[3].event) > 0)
    bench.subject.kill()
    bench.subject.start()
    return [f"killed in its work and started again: {text}" for text in _expect(bench, given)]


def stops_when_asked(bench: Bench) -> list[str]:
    """Ends on SIGTERM, within ten seconds."""
    before = bench.give(material.article("before-stop"))
    bench.until(lambda: bench.effects_of(before.event) > 0)  # one that only begins would end whatever it does later
    code = bench.subject.stop(STOP_PATIENCE)
    if code is None:
        return [f"does not end within {STOP_PATIENCE:.0f} s of SIGTERM"]
    bench.subject.start()
    return _expect(bench, [bench.give(material.article("after-stop"))])


def _expect(bench: Bench, given: Sequence[Given], *, once: bool = False) -> list[str]:
    """Wait until the given events have had their effect and nothing is pending; returns what is missing."""
    events = list(dict.fromkeys(one.event for one in given))
    done = bench.until(lambda: all(bench.effects_of(event) for event in events) and bench.settled())
    wrong: list[str] = []
    if not bench.subject.alive:
        wrong.append(f"ended by itself: {bench.subject.ending()}")
        bench.subject.start()
    if not done:
        missing = [event for event in events if not bench.effects_of(event)]
        if missing:
            wrong.append(f"{len(missing)} of {len(events)} events were not done within {bench.patience:.0f} s")
        pending = bench.database.redis.xpending(STREAM, GROUP)["pending"]
        if pending:
            wrong.append(f"{pending} entries are still not acknowledged after {bench.patience:.0f} s")
        elif not missing:
            wrong.append("entries are left unread")
    buried = {fields.get("id", "") for fields in bench.dead()}.intersection(events)
    if buried:
        wrong.append(f"put {len(buried)} of {len(events)} sound events on the dead stream")
    if once:
        twice = [event for event in events if bench.effects_of(event) > 1]
        if twice:
            wrong.append(f"did {len(twice)} events twice, though their ids are equal: {twice[0]}")
    return wrong


def _silent(bench: Bench, quiet: Sequence[Given], what: str) -> list[str]:
    return [f"works on {what} as if it were an article"] if any(bench.effects_of(one.event) for one in quiet) else []


CHECKS: tuple[Check, ...] = (
    reads_and_acknowledges,
    drops_duplicates,
    ignores_unknown_fields,
    takes_updates_and_retractions,
    skips_canaries,
    skips_unknown_types,
    buries_poison,
    gives_up_after_its_deliveries,
    takes_over_from_the_dead,
    survives_trimmed_entries,
    survives_a_restart_of_the_server,
    loses_nothing_when_killed,
    stops_when_asked,
)
