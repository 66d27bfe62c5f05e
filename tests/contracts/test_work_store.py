"""The work store on the real server: claims, leases, atomic completions, and books that balance."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.messages import ArticleTagged, FeedDue, PageFetched, PageFound
from shared.outcomes import Disposition, Keep, Later, Notice, Save
from shared.stores import blobs, keys
from shared.stores.connection import Database, ResponseError
from shared.stores.dead_letters import DeadLetterStore, Letter, as_json
from shared.stores.feeds import FeedStore
from shared.stores.work import Claimed, Completion, DeadLetter, Wanted, WorkStore
from shared.topology import Stage

T0 = 1_000_000.0


@pytest.fixture
def work(database: Database) -> WorkStore:
    database.now = T0
    return WorkStore(database)


def page(number: int) -> PageFound:
    return PageFound(article_id=f"a{number}", url=f"https://example.org/{number}", feed_id="f", found_at=T0)


def fetched(found: PageFound) -> PageFetched:
    return PageFetched(
        article_id=found.article_id,
        url=found.url,
        final_url=found.url,
        feed_id="f",
        found_at=T0,
        fetched_at=T0,
        page_key="k",
    )


def tagged(article: str, *, version: int = 1) -> ArticleTagged:
    return ArticleTagged(
        article_id=article, event_id=f"{article}-{version}", stream="s", version=version, type="t", subject=article,
        time="now", dataschema="d", data="{}",
    )  # fmt: skip


def letter(claimed: Claimed, fingerprint: str = "f1") -> DeadLetter:
    body = Letter(
        stage=claimed.stage, id=claimed.id, message=claimed.message, reason="bug", error_class="E", text="x",
        fingerprint=fingerprint, first_failure=T0, last_failure=T0,
    )  # fmt: skip
    return DeadLetter(fingerprint=fingerprint, body=as_json(body))


def balance(work: WorkStore, stage: Stage) -> tuple[int, int]:
    """What went in, and what came out or is still there."""
    books, backlog = work.books(), work.backlog()[stage]
    out = sum(books.get(f"{stage}:{kind}", 0) for kind in Disposition)
    return books.get(f"{stage}:in", 0), out + int(backlog["waiting"] + backlog["leased"])


def test_work_is_queued_once(work: WorkStore) -> None:
    assert work.add([page(1), page(2), page(1)]) == 2
    assert work.add([page(2), page(3)]) == 1
    assert len(work.claim(Stage.FETCH, most=10, lease=30)) == 3


def test_an_article_that_is_known_is_not_queued_again_after_it_has_ended(work: WorkStore) -> None:
    work.add([page(1)])
    (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
    assert work.complete(claimed, Completion(disposition=Disposition.DROPPED, reason="too_short"))
    assert work.add([page(1)]) == 0


def test_a_record_that_a_torn_journal_left_without_its_address_is_made_whole(
    database: Database, work: WorkStore
) -> None:
    database.redis.hset(keys.ARTICLE("a1"), "status", "fetch:forwarded")
    assert work.add([page(1)]) == 1
    assert database.redis.hget(keys.ARTICLE("a1"), "url") == page(1).url
    assert work.add([page(1)]) == 0


def test_a_recheck_of_a_known_article_is_queued(work: WorkStore) -> None:
    work.add([page(1)])
    (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
    work.complete(claimed, Completion(disposition=Disposition.DROPPED, reason="too_short"))
    assert work.add([page(1).model_copy(update={"why": "recheck"})]) == 1


def test_work_is_claimed_by_one_worker_only(work: WorkStore) -> None:
    work.add([page(number) for number in range(200)])
    found: list[Claimed] = []
    threads = [
        threading.Thread(target=lambda: found.extend(work.claim(Stage.FETCH, most=50, lease=30))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(one.id for one in found) == Counter(f"a{number}" for number in range(200))


def test_work_is_not_claimed_before_it_is_due(work: WorkStore, database: Database) -> None:
    work.add([page(1)], at=T0 + 10)
    assert work.claim(Stage.FETCH, most=1, lease=30) == []
    database.now = T0 + 10
    assert len(work.claim(Stage.FETCH, most=1, lease=30)) == 1


def test_completing_hands_the_work_to_the_next_stage_in_one_step(work: WorkStore) -> None:
    work.add([page(1)])
    (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
    assert work.complete(claimed, Completion(disposition=Disposition.FORWARDED, messages=(fetched(page(1)),)))
    (next_one,) = work.claim(Stage.EXTRACT, most=1, lease=30)
    assert PageFetched.model_validate_json(next_one.message) == fetched(page(1))
    assert work.claim(Stage.FETCH, most=1, lease=30) == []


def test_a_completion_after_the_lease_was_lost_changes_nothing(work: WorkStore, database: Database) -> None:
    work.add([page(1)])
    (slow,) = work.claim(Stage.FETCH, most=1, lease=30)
    database.now = T0 + 31
    assert work.sweep(Stage.FETCH).taken_back == 1
    (quick,) = work.claim(Stage.FETCH, most=1, lease=30)
    before = work.books()
    assert not work.complete(slow, Completion(disposition=Disposition.FORWARDED, messages=(fetched(page(1)),)))
    assert work.books() == before
    assert work.complete(quick, Completion(disposition=Disposition.FORWARDED, messages=(fetched(page(1)),)))
    assert len(work.claim(Stage.EXTRACT, most=9, lease=30)) == 1


def test_a_completion_that_is_sent_twice_counts_once(work: WorkStore) -> None:
    work.add([page(1)])
    (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
    done = Completion(disposition=Disposition.DROPPED, reason="not_html")
    assert [work.complete(claimed, done), work.complete(claimed, done)] == [True, False]
    assert work.books()["fetch:dropped:not_html"] == 1


def test_a_renewed_lease_is_not_taken_back(work: WorkStore, database: Database) -> None:
    work.add([page(1), page(2)])
    batch = work.claim(Stage.FETCH, most=2, lease=30)
    database.now = T0 + 20
    assert work.renew(batch[1:], 30) == 1
    database.now = T0 + 35
    assert work.sweep(Stage.FETCH).taken_back == 1
    assert work.complete(batch[1], Completion(disposition=Disposition.DROPPED, reason="x"))
    assert not work.complete(batch[0], Completion(disposition=Disposition.DROPPED, reason="x"))


def test_work_that_lost_a_worker_counts_it_and_is_claimed_alone(work: WorkStore, database: Database) -> None:
    work.add([page(1), page(2)])
    work.claim(Stage.FETCH, most=1, lease=30)
    database.now = T0 + 31
    work.sweep(Stage.FETCH)
    work.add([page(number) for number in range(3, 9)])
    batches = [work.claim(Stage.FETCH, most=4, lease=30) for _ in range(4)]
    alone = [batch for batch in batches if any(one.deaths for one in batch)]
    assert [[one.id for one in batch] for batch in alone] == [["a1"]]
    assert sum(map(len, batches)) == 8


def test_a_retry_waits_for_its_time_and_remembers_its_attempts(work: WorkStore, database: Database) -> None:
    work.add([page(1)])
    (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
    attempt = {"at": T0, "reason": "timeout"}
    work.complete(
        claimed, Completion(disposition=Disposition.RETRIED, reason="timeout", retry_at=T0 + 60, attempts=(attempt,))
    )
    assert work.claim(Stage.FETCH, most=1, lease=30) == []
    assert [(one["id"], one["at"], one["tries"]) for one in work.retries()] == [("a1", T0 + 60, 1)]
    database.now = T0 + 60
    (again,) = work.claim(Stage.FETCH, most=1, lease=30)
    assert (again.tries, again.attempts) == (1, (attempt,))
    assert work.count_retries() == 0


def test_deferred_work_keeps_its_turn_and_costs_no_try(work: WorkStore, database: Database) -> None:
    work.add([page(1)])
    (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
    work.defer(claimed, T0 + 2)
    database.now = T0 + 2
    (again,) = work.claim(Stage.FETCH, most=1, lease=30)
    assert (again.tries, again.deaths, again.slot) == (0, 0, T0 + 2)


def test_an_article_version_is_published_once(work: WorkStore, database: Database) -> None:
    for number, version in ((1, 1), (2, 1), (3, 2)):
        work.add([page(number)])
        (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
        work.complete(
            claimed, Completion(disposition=Disposition.FORWARDED, messages=(tagged("same", version=version),))
        )
    entries = database.redis.xrange("s")
    assert [fields["id"] for _, fields in entries] == ["same-1", "same-2"]
    assert work.books()["stream:duplicate"] == 1


def test_bytes_for_the_next_stage_are_kept_with_the_outcome_or_not_at_all(work: WorkStore, database: Database) -> None:
    work.add([page(1), page(2)])
    first, second = work.claim(Stage.FETCH, most=2, lease=30)
    lost = replace(second, token="another")
    endings = [
        (one, Completion(disposition=Disposition.FORWARDED, keeps=(Keep(family="page", id=one.id, data=b"\xff\x00"),)))
        for one in (first, lost)
    ]
    assert work.complete_all(endings) == [True, False]
    pages = blobs.pages(database)
    pages.read_ahead(["a1", "a2"])
    assert (pages.read("a1"), pages.read("a2")) == (b"\xff\x00", None)
    assert database.redis.ttl(keys.PAGE("a1")) > 0


def test_a_dead_letter_is_kept_grouped_and_moved_once(work: WorkStore, database: Database) -> None:
    dead = DeadLetterStore(database)
    work.add([page(1), page(2)])
    for claimed in work.claim(Stage.FETCH, most=2, lease=30):
        work.complete(claimed, Completion(disposition=Disposition.DEAD, reason="bug", dead=letter(claimed)))
    assert (dead.count(), dead.groups()) == (2, [("f1", 2)])
    assert [one.id for one in dead.letters(dead.names(fingerprint="f1"))] == ["a2", "a1"]
    assert dead.redrive(["fetch/a1", "fetch/a1", "fetch/none"], "retry") == 1
    assert dead.redrive(["fetch/a1"], "retry") == 0
    assert [one.id for one in work.claim(Stage.FETCH, most=9, lease=30)] == ["a1"]
    assert dead.redrive(["fetch/a2"], "discard") == 1
    assert (dead.count(), dead.groups()) == (0, [])


def test_saves_and_notices_are_written_with_the_outcome(work: WorkStore, database: Database) -> None:
    work.add([page(1)])
    (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
    saves = (Save(record="article", id="a1", fields={"title": "T", "url": None}),)
    notices = (Notice(kind="gap", about="f"),)
    work.complete(claimed, Completion(disposition=Disposition.DROPPED, reason="x", saves=saves, notices=notices))
    record = database.redis.hgetall(keys.ARTICLE("a1"))
    assert (record["title"], "url" in record) == ("T", False)
    assert database.redis.ttl(keys.ARTICLE("a1")) > 0
    assert database.redis.llen(keys.NOTICES()) == 1


def test_a_completion_that_fails_halfway_loses_nothing_and_holds_up_no_other(
    work: WorkStore, database: Database
) -> None:
    work.add([page(1), page(2), page(3)])
    batch = work.claim(Stage.FETCH, most=3, lease=30)
    database.redis.set(keys.ARTICLE("a2"), "what another program left there")
    save = Save(record="article", id="a2", fields={"title": "x"})
    endings = [
        (claimed, Completion(disposition=Disposition.DROPPED, reason="not_html", saves=(save,) * (claimed.id == "a2")))
        for claimed in batch
    ]
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        work.complete_all(endings)
    assert work.books()["fetch:dropped"] == 2
    assert work.backlog()[Stage.FETCH]["leased"] == 1
    assert balance(work, Stage.FETCH) == (3, 3)

    database.redis.delete(keys.ARTICLE("a2"))
    database.now = T0 + 31
    work.sweep(Stage.FETCH)
    (again,) = work.claim(Stage.FETCH, most=3, lease=30)
    assert (again.id, again.message) == ("a2", page(2).model_dump_json(exclude_defaults=True))
    assert work.complete(again, endings[1][1])
    assert database.redis.keys("*:work:*") == []


def test_work_is_ended_the_next_taken_and_the_bell_asked_for_in_one_call(work: WorkStore) -> None:
    work.add([page(1), page(2), page(3)])
    batch = work.claim(Stage.FETCH, most=1, lease=30)
    ended = [(one, Completion(disposition=Disposition.DROPPED, reason="not_html")) for one in batch]
    then = Wanted(stage=Stage.FETCH, most=5, lease=30)
    turned = work.turn_over(ended, feeds=Stage.EXTRACT, then=then)
    assert (turned.held, turned.bell, [one.id for one in turned.claimed]) == ([True], True, ["a2", "a3"])

    again = work.turn_over(ended, feeds=Stage.EXTRACT, then=then)
    assert (again.held, again.bell, again.claimed) == ([False], False, [])
    assert work.complete(turned.claimed[0], ended[0][1])
    assert balance(work, Stage.FETCH) == (3, 3)


def test_where_an_ending_fails_nothing_is_taken(work: WorkStore, database: Database) -> None:
    work.add([page(1), page(2)])
    batch = work.claim(Stage.FETCH, most=1, lease=30)
    database.redis.set(keys.ARTICLE("a1"), "what another program left there")
    save = Save(record="article", id="a1", fields={"title": "x"})
    ended = [(one, Completion(disposition=Disposition.DROPPED, saves=(save,))) for one in batch]
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        work.turn_over(ended, then=Wanted(stage=Stage.FETCH, most=5, lease=30))
    backlog = work.backlog()[Stage.FETCH]
    assert (backlog["waiting"], backlog["leased"]) == (1, 1)


def test_a_time_that_is_none_fails_its_own_ending_only(work: WorkStore) -> None:
    work.add([page(1), page(2)])
    batch = work.claim(Stage.FETCH, most=2, lease=30)
    endings = [
        (batch[0], Completion(disposition=Disposition.RETRIED, reason="timeout", retry_at=float("nan"))),
        (batch[1], Completion(disposition=Disposition.DROPPED, reason="not_html")),
    ]
    with pytest.raises(ResponseError, match="not a time"):
        work.complete_all(endings)
    assert work.books()["fetch:dropped"] == 1
    assert work.backlog()[Stage.FETCH]["leased"] == 1


def test_saves_of_one_record_are_written_as_one_and_the_later_counts(work: WorkStore, database: Database) -> None:
    work.add([page(1)])
    (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
    saves = tuple(
        Save(record="article", id="a1", fields=fields)
        for fields in ({"title": "x", "old": "1"}, {"title": "y", "old": None})
    )
    assert work.complete(claimed, Completion(disposition=Disposition.DROPPED, saves=saves))
    record = database.redis.hgetall(keys.ARTICLE("a1"))
    assert (record["title"], "old" in record) == ("y", False)


def test_work_may_end_and_queue_itself_anew_for_later(work: WorkStore, database: Database) -> None:
    work.add([page(1)])
    (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
    later = Later(message=page(1).model_copy(update={"why": "recheck"}), at=T0 + 60)
    assert work.complete(claimed, Completion(disposition=Disposition.DROPPED, reason="gone", later=(later,)))
    assert work.claim(Stage.FETCH, most=1, lease=30) == []
    database.now = T0 + 61
    (again,) = work.claim(Stage.FETCH, most=1, lease=30)
    assert '"why":"recheck"' in again.message


def test_a_feed_comes_back_at_its_next_time_unless_it_was_removed(work: WorkStore, database: Database) -> None:
    feeds = FeedStore(database)
    for name in ("stays", "goes"):
        feeds.put(name, {"u": "https://example.org/feed"})
        assert work.schedule(name, T0)
    claimed = {one.id: one for one in work.claim(Stage.POLL, most=9, lease=30)}
    assert FeedDue.model_validate_json(claimed["stays"].message).feed_id == "stays"
    assert not work.schedule("stays", T0 + 1), "a poll in progress sets its own next time"
    work.unschedule("goes")
    feeds.remove("goes")
    for one in claimed.values():
        work.complete(one, Completion(disposition=Disposition.DROPPED, reason="not_modified", again_at=T0 + 600))
    assert (feeds.next_poll("stays"), feeds.next_poll("goes")) == (T0 + 600, None)
    assert balance(work, Stage.POLL)[0] == balance(work, Stage.POLL)[1]


def test_a_poll_of_thousands_of_new_pages_is_taken_whole(work: WorkStore, database: Database) -> None:
    FeedStore(database).put("f", {"u": "https://example.org/feed"})
    work.schedule("f", T0)
    (claimed,) = work.claim(Stage.POLL, most=1, lease=30)
    pages = tuple(page(number) for number in range(3_000))
    saves = (Save(record="seen", id="f", fields={str(number): "x" for number in range(9_000)}),)
    assert work.complete(
        claimed, Completion(disposition=Disposition.FORWARDED, messages=pages, saves=saves, again_at=T0 + 60)
    )
    assert work.backlog()[Stage.FETCH]["due"] == 3_000
    assert database.redis.hlen(keys.SEEN("f")) == 9_000


def test_one_doorbell_at_a_time_is_on_its_way(work: WorkStore) -> None:
    assert [work.want_bell(Stage.FETCH), work.want_bell(Stage.FETCH), work.want_bell(Stage.EXTRACT)] == [
        True,
        False,
        True,
    ]
    work.bell_heard(Stage.FETCH)
    assert work.want_bell(Stage.FETCH)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["add", "claim", "forward", "drop", "retry", "die", "defer", "sweep", "redrive", "later"]),
        st.integers(0, 5),
    ),
    max_size=60,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_the_books_balance_whatever_happens(database: Database, acts: list[tuple[str, int]]) -> None:
    database.redis.flushall()
    database.now = T0
    work, dead, held = WorkStore(database), DeadLetterStore(database), []
    endings = {
        "forward": lambda one: Completion(
            disposition=Disposition.FORWARDED, messages=(fetched(page(int(one.id[1:]))),)
        ),
        "drop": lambda _one: Completion(disposition=Disposition.DROPPED, reason="too_short"),
        "retry": lambda _one: Completion(disposition=Disposition.RETRIED, reason="timeout", retry_at=database.now + 5),
        "die": lambda one: Completion(disposition=Disposition.DEAD, reason="bug", dead=letter(one)),
    }
    for act, number in acts:
        if act == "add":
            work.add([page(number).model_copy(update={"why": "recheck"})])
        elif act == "claim":
            held.extend(work.claim(Stage.FETCH, most=number, lease=7))
        elif act == "sweep":
            work.sweep(Stage.FETCH)
        elif act == "redrive":
            dead.redrive(dead.names(), "retry" if number % 2 else "discard")
        elif act == "later":
            database.now += number
        elif held and act == "defer":
            work.defer(held.pop(0), database.now + number)
        elif held:
            one = held.pop(0)
            work.complete(one, endings[act](one))
    went_in, accounted = balance(work, Stage.FETCH)
    assert went_in == accounted
