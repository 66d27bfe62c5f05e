"""Thirty days of polling a thousand feeds on a simulated clock: restarts, our own outages and misbehaving servers.

    python -m benchmarks.polling_simulation [--feeds 1000] [--days 30] [--seed 1]

The poller is the real policy (`schedulers.core`, `workers.poll.core.seen`) in a loop that does what the tick, the work
queue and the host turns do; its state goes through its stored form at every restart. The press keeps its own books
(`benchmarks.simulated_press`), so that nothing is judged by what the poller believes.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from functools import lru_cache

from benchmarks.simulated_press import DAY, HOST_GAP, Answer, Books, Feed, open_for
from benchmarks.simulated_world import START, World, make
from schedulers.core import (
    Document,
    FeedState,
    HostAnswer,
    PollResult,
    after_poll,
    deferred_until,
    new_feed,
    own_outage,
    reached_at,
    request_headers,
)
from schedulers.core.outage import KEEP
from shared.outcomes import Reason
from workers.poll.core import Entry, Seen, body_hash, unseen
from workers.poll.core.identity import short


@dataclass(kw_only=True)
class Watched:
    """A feed as the poller knows it, in the forms that are stored."""

    feed: Feed
    state: FeedState
    seen: Seen = field(default_factory=Seen)
    taken: set[int] = field(default_factory=set)


@dataclass(kw_only=True)
class Report:
    """What came of it. The five that must be zero come first."""

    early_polls: int
    needless_unconditional_gets: int
    requests_past_a_hosts_limit: int
    entries_missed: int
    feeds_dead: int
    feeds_marked_by_our_outages: int
    entries_published: int
    entries_taken: int
    entries_withheld_by_servers: int
    entries_lost_while_we_were_away: int
    entries_taken_twice: int
    liars: int
    liars_found: int
    honest_called_liars: int
    feeds_gone: int
    feeds_parked: int
    polls: int
    not_modified: int
    median_delay_minutes: float
    events: dict[str, int]
    stored_bytes_a_feed: float
    seconds: float
    complaints: list[str]


class Poller:
    """The policy at work: a due queue, the turns of hosts, and what a restart leaves of both."""

    def __init__(self, world: World, *, seed: int) -> None:
        self.world = world
        self.rng = random.Random(seed)
        self.books = Books()
        self.events: Counter[str] = Counter()
        self.answers: deque[HostAnswer] = deque(maxlen=KEEP)
        self.turns: dict[str, float] = {}
        self.blocked: dict[str, float] = {}
        self.delays: list[float] = []
        self.marked: set[int] = set()
        self.twice = self.polls = 0
        count = len(world.feeds)
        self.watched = [
            Watched(feed=feed, state=new_feed(feed.url, now=START, random=self.rng.random(), together=count))
            for feed in world.feeds
        ]
        self.due = [(watched.state.next_at, number) for number, watched in enumerate(self.watched)]
        heapq.heapify(self.due)
        self.restarts = deque(world.stopped)

    def run(self) -> None:
        """Until the end of the world."""
        while self.due and self.due[0][0] < self.world.end:
            at, number = heapq.heappop(self.due)
            if self.restarts and at >= self.restarts[0][0]:
                heapq.heappush(self.due, (at, number))
                self._restart(self.restarts.popleft())
                continue
            watched = self.watched[number]
            name = watched.feed.host.name
            turn = max(self.turns.get(name, 0.0) + HOST_GAP, self.blocked.get(name, 0.0))
            if at < turn:
                heapq.heappush(self.due, (turn, number))
                continue
            later = deferred_until(watched.state, now=at)
            if later is not None:
                heapq.heappush(self.due, (later, number))
                continue
            self.turns[name] = at
            heapq.heappush(self.due, (self._poll(watched, number, at), number))

    def _restart(self, stopped: tuple[float, float]) -> None:
        """Everything but what is stored is lost; what fell due meanwhile is due at the start."""
        for watched in self.watched:
            watched.state = FeedState.from_fields(watched.state.to_fields())
            watched.seen = Seen.decode(watched.seen.encode())
        self.due = [(max(watched.state.next_at, stopped[1]), number) for number, watched in enumerate(self.watched)]
        heapq.heapify(self.due)

    def _poll(self, watched: Watched, number: int, at: float) -> float:
        self.polls += 1
        headers = request_headers(watched.state, now=at)
        cut_off = self._cut_off(at)
        answer = Answer(status=0, reached=False) if cut_off else watched.feed.answer(headers, at, self.books)
        self.answers.append(HostAnswer(host=watched.feed.host.name, at=at, reached=answer.reached))
        result = self._result(watched, answer, at, conditional=bool(headers))
        decision = after_poll(watched.state, result, now=at, random=self.rng.random())
        if cut_off and decision.state.errors > watched.state.errors and self._cut_off(watched.state.asked_at):
            self.marked.add(number)  # not for an older failure that is charged only now
        watched.state = decision.state
        if decision.host_wait_until is not None:
            name = watched.feed.host.name
            self.blocked[name] = max(self.blocked.get(name, 0.0), decision.host_wait_until)
        self.events.update(event.kind.value for event in decision.events)
        return decision.next_poll_at

    def _cut_off(self, at: float) -> bool:
        return any(start <= at < end for start, end in self.world.cut_off)

    def _result(self, watched: Watched, answer: Answer, at: float, *, conditional: bool) -> PollResult:
        if not answer.reached:
            ours = own_outage(self.answers, now=at)
            since = reached_at(self.answers, besides=watched.feed.host.name)
            return PollResult(failure=Reason.TIMEOUT, conditional=conditional, ours=ours, others_reached_at=since)
        if answer.status == 200 and answer.items is None:
            return PollResult(status=200, failure=Reason.NOT_A_FEED, headers=answer.headers, conditional=conditional)
        digest, document = "", None
        if answer.items is not None:
            digest = body_hash(repr(answer.items).encode())
            if digest != watched.state.body_hash:
                document = self._document(watched, answer.items, at)
        return PollResult(
            status=answer.status,
            headers=answer.headers,
            conditional=conditional,
            body_hash=digest,
            document=document,
            moved_to=answer.moved_to,
        )

    def _document(self, watched: Watched, items: tuple[int, ...], at: float) -> Document:
        feed = watched.feed
        fresh = unseen([_entry(number) for number in items], watched.seen)
        watched.seen = fresh.seen
        for entry in fresh.new:
            number = int(entry.entry_id)
            self.twice += number in watched.taken
            watched.taken.add(number)
            if feed.published[number] > START:
                self.delays.append(at - feed.published[number])
        return Document(
            entries=len(items),
            new=len(fresh.new),
            known=fresh.known,
            gap=fresh.gap,
            published=tuple(feed.published[number] for number in items) if feed.dated else (),
            ttl=feed.ttl,
            skip_hours=feed.skip_hours,
        )


@lru_cache(maxsize=100_000)
def _entry(number: int) -> Entry:
    return Entry(key=short(str(number), 6), digest="same", entry_id=str(number))


def report(poller: Poller, *, seconds: float) -> Report:
    """Add the books up."""
    world, watched = poller.world, poller.watched
    fates = Counter(fate for one in watched for fate in _fates(one, world))
    liars = [one for one in watched if one.feed.temper.startswith("liar")]
    caught = [one for one in liars if one.feed.lied_at < world.end - 5 * DAY]  # an idle feed is asked once a day
    gone = [one for one in watched if any(end > world.end for _, end in one.feed.gone)]
    return Report(
        early_polls=poller.books.early,
        needless_unconditional_gets=poller.books.needless,
        requests_past_a_hosts_limit=poller.books.past_limit,
        entries_missed=fates["missed"],
        feeds_dead=sum(_dead(one, world.end) for one in watched),
        feeds_marked_by_our_outages=len(poller.marked),
        entries_published=sum(len(one.feed.published) for one in watched),
        entries_taken=sum(len(one.taken) for one in watched),
        entries_withheld_by_servers=fates["withheld"],
        entries_lost_while_we_were_away=fates["away"],
        entries_taken_twice=poller.twice,
        liars=len(caught),
        liars_found=sum(one.state.lying for one in caught),
        honest_called_liars=sum(one.state.lying for one in watched if one not in liars),
        feeds_gone=len(gone),
        feeds_parked=sum(bool(one.state.parked_at) for one in watched),
        polls=poller.polls,
        not_modified=poller.books.not_modified,
        median_delay_minutes=round(sorted(poller.delays)[len(poller.delays) // 2] / 60, 1) if poller.delays else 0.0,
        events=dict(poller.events),
        stored_bytes_a_feed=round(sum(_stored(one) for one in watched) / len(watched), 1),
        seconds=round(seconds, 1),
        complaints=poller.books.complaints,
    )


def _fates(one: Watched, world: World) -> list[str]:
    """What became of each entry that left its document unseen; who is still in it has time."""
    feed, fates = one.feed, []
    for number in range(max(len(feed.published) - feed.window, 0)):
        start, end = feed.visible(number)
        if number in one.taken or end <= START or end > world.end:
            continue
        start = max(start, START)
        if open_for(start, end, feed.closed()) < feed.rest:
            fates.append("withheld")
        elif open_for(start, end, [*feed.closed(), *world.away]) < feed.rest:
            fates.append("away")
        else:
            fates.append("missed")
    return fates


def _dead(one: Watched, end: float) -> bool:
    """A feed that would never be asked again, or that has been well for two days and is still thought ill."""
    if one.state.next_at > end + 1.2 * DAY and not one.state.parked_at and one.state.wait_until < end:
        return True
    troubles = (*one.feed.closed(), *((start, start + seconds) for start, seconds, _ in one.feed.limits))
    well = all(stop < end - 2 * DAY or start > end for start, stop in troubles)
    return well and one.state.ok_at < end - 2 * DAY and end - START > 3 * DAY


def _stored(one: Watched) -> int:
    return sum(len(name) + len(text) for name, text in one.state.to_fields().items()) + len(one.seen.encode())


def simulate(*, feeds: int, days: float, seed: int) -> Report:
    """Run a world to its end."""
    started = time.perf_counter()
    poller = Poller(make(feeds=feeds, days=days, seed=seed), seed=seed)
    poller.run()
    return report(poller, seconds=time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--days", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(json.dumps(asdict(simulate(feeds=chosen.feeds, days=chosen.days, seed=chosen.seed)), indent=2))


if __name__ == "__main__":
    main()
