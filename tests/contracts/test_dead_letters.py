"""Dead letters on the real server: found by facet, grouped, moved once, with their lineage; and the audit log."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from shared.messages import FeedDue, PageFound
from shared.outcomes import Disposition, Save
from shared.stores import keys
from shared.stores.audit import Act, AuditStore
from shared.stores.connection import Database
from shared.stores.dead_letters import DeadLetterStore, Letter, Redrive, Scope, as_json
from shared.stores.work import Completion, DeadLetter, WorkStore
from shared.topology import Stage

T0 = 1_700_000_000.0


@pytest.fixture
def letters(database: Database) -> DeadLetterStore:
    database.now = T0
    return DeadLetterStore(database)


def bury(
    database: Database, number: int, *, reason: str = "timeout", host: str = "a.example", group: str = "g1"
) -> str:
    """Queue a page and let it die; returns the letter's name."""
    work = WorkStore(database)
    page = PageFound(article_id=f"p{number}", url=f"https://{host}/{number}", feed_id="f1", found_at=T0)
    work.add([page.model_copy(update={"why": "operator"})])
    (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
    attempts = ({"at": database.now, "reason": reason, "error_class": "RetryableError", "text": "no answer"},)
    letter = Letter(
        stage="fetch", id=page.id, message=claimed.message, feed="f1", host=host, url=page.url, reason=reason,
        error_class="RetryableError", text="no answer", fingerprint=group, attempts=attempts,
        lineage=json.dumps(attempts), first_failure=T0, last_failure=T0,
    )  # fmt: skip
    dead = DeadLetter(fingerprint=group, body=as_json(letter))
    ended = Completion(disposition=Disposition.DEAD, reason=reason, dead=dead)
    assert work.complete(claimed, ended)
    return letter.key


def keys_left(database: Database) -> list[str]:
    return sorted(key for key in database.redis.scan_iter("rarewire:1:dead*"))


def test_letters_are_counted_and_listed_by_any_combination_of_facets(database, letters):
    for number in range(6):
        bury(
            database, number, host="a.example" if number % 2 else "b.example", reason="timeout" if number < 4 else "dns"
        )
        database.now += 1
    both = Scope(host="a.example", reason="timeout")
    assert (letters.count(), letters.count(Scope(host="a.example")), letters.count(both)) == (6, 3, 2)
    assert letters.names(scope=both) == letters.names(scope=both, most=10) == ["fetch/p3", "fetch/p1"]
    assert letters.names(scope=both, start=1, most=10) == ["fetch/p1"]
    assert letters.names(scope=Scope(stage="extract")) == []
    assert letters.facet("host") == [("b.example", 3), ("a.example", 3)]


def test_a_scope_is_written_as_it_is_typed():
    assert Scope(stage="fetch", host="a.example").words() == "stage:fetch host:a.example"


def test_moving_the_last_letter_leaves_no_index_behind(database, letters):
    name = bury(database, 1)
    assert letters.redrive([name], "discard") == 1
    assert keys_left(database) == []


def test_a_letter_that_dies_again_is_found_under_its_new_facets_only(database, letters):
    name = bury(database, 1, reason="timeout")
    letters.redrive([name], "retry")
    (claimed,) = WorkStore(database).claim(Stage.FETCH, most=1, lease=30)
    assert [attempt["reason"] for attempt in claimed.attempts] == ["timeout"]
    WorkStore(database).complete(claimed, Completion(disposition=Disposition.DROPPED, reason="discarded"))
    bury(database, 2, reason="dns")
    assert letters.facet("reason") == [("dns", 1)]


def test_a_second_press_moves_nothing_and_doubles_nothing(database, letters):
    names = [bury(database, number) for number in range(20)]
    assert [letters.redrive(names, "retry"), letters.redrive(names, "retry")] == [20, 0]
    assert WorkStore(database).backlog()[Stage.FETCH]["waiting"] == 20


def test_what_failed_again_since_one_looked_stays_where_it_is(database, letters):
    name = bury(database, 1)
    cutoff = database.now
    letters.redrive([name], "retry")
    database.now += 5
    bury(database, 1)
    assert letters.redrive([name], "retry", Redrive(cutoff=cutoff)) == 0
    assert letters.redrive([name], "retry", Redrive(cutoff=database.now)) == 1


def test_a_rate_limit_spreads_the_work_in_time(database, letters):
    names = [bury(database, number) for number in range(1_100)]
    letters.redrive(names, "retry", Redrive(rate=10))
    due = sorted(at - T0 for _, at in database.redis.zrange(keys.READY("fetch"), 0, -1, withscores=True))
    assert due[0] == 0
    assert due[-1] == pytest.approx(109.9)
    assert all(later - sooner == pytest.approx(0.1, abs=1e-3) for sooner, later in pairwise(due))


def test_an_edited_message_replaces_the_old_one_which_stays_in_the_lineage(database, letters):
    name = bury(database, 1)
    before = letters.get(name)
    assert before
    changed = json.loads(before.message) | {"url": "https://a.example/moved"}
    letters.redrive([name], "retry", Redrive(message=json.dumps(changed), who="anna", why="moved"))
    (claimed,) = WorkStore(database).claim(Stage.FETCH, most=1, lease=30)
    assert json.loads(claimed.message)["url"] == "https://a.example/moved"
    (entry,) = letters.lineage(name)
    assert (entry["verb"], entry["who"], entry["why"], entry["reason"]) == ("edit", "anna", "moved", "timeout")
    assert entry["message"] == before.message


def test_the_articles_record_says_what_an_operator_did(database, letters):
    work = WorkStore(database)
    for number in (1, 2):
        database.redis.hset(keys.ARTICLE(f"p{number}"), "url", "https://a.example/")
        bury(database, number)
    letters.redrive(["fetch/p1"], "retry")
    letters.redrive(["fetch/p2"], "discard")
    status = [database.redis.hget(keys.ARTICLE(name), "status") for name in ("p1", "p2")]
    assert status == ["fetch:waiting", "fetch:discarded"]
    assert work.books()["fetch:discard"] == 1


def test_a_feeds_letter_brings_its_next_poll_forward_and_never_makes_a_second_one(database, letters):
    work = WorkStore(database)
    database.redis.hset(keys.FEED("f9"), "u", "https://a.example/feed")
    work.schedule("f9", T0)
    (claimed,) = work.claim(Stage.POLL, most=1, lease=30)
    letter = Letter(
        stage="poll", id="f9", message=FeedDue(feed_id="f9").model_dump_json(), reason="bug", error_class="KeyError",
        text="'x'", fingerprint="g", first_failure=T0, last_failure=T0,
    )  # fmt: skip
    dead = DeadLetter(fingerprint="g", body=as_json(letter))
    work.complete(claimed, Completion(disposition=Disposition.DEAD, reason="bug", dead=dead, again_at=T0 + 9_000))
    assert letters.redrive(["poll/f9"], "retry") == 1
    assert database.redis.zrange(keys.READY("poll"), 0, -1, withscores=True) == [("f9", T0)]


def test_group_rows_carry_a_sample_and_the_last_day_by_hours(database, letters):
    database.now = T0 - 30 * 3600
    bury(database, 1)
    database.now = T0 - 1800
    bury(database, 2)
    database.now = T0
    bury(database, 3, group="g2")
    rows = {row.fingerprint: row for row in letters.group_rows()}
    assert {name: row.count for name, row in rows.items()} == {"g1": 2, "g2": 1}
    assert rows["g1"].sample.id == "p2"
    assert (sum(rows["g1"].hours), rows["g1"].hours[-1]) == (1, 1)


def test_an_act_counts_what_was_moved_even_if_its_end_was_never_written(database, letters):
    audit = AuditStore(database)
    names = [bury(database, number) for number in range(3)]
    act = audit.open(Act(who="anna", what="retry", scope="group:g1", why="fixed"))
    letters.redrive(names, "retry", Redrive(audit=act))
    letters.redrive(names, "retry", Redrive(audit=act))
    (entry,) = audit.acts()
    assert (entry.who, entry.what, entry.scope, entry.why, entry.count, entry.ended) == (
        "anna", "retry", "group:g1", "fixed", 3, False,
    )  # fmt: skip
    audit.close(act)
    assert audit.acts()[0].ended


def test_acts_are_listed_newest_first_and_forgotten_after_400_days(database):
    audit = AuditStore(database)
    database.now = T0
    audit.write(Act(who="anna", what="feed paused", scope="f1", count=1))
    database.now = T0 + 500 * 86_400
    audit.write(Act(who="ben", what="feed resumed", scope="f1", count=1))
    assert [act.who for act in audit.acts()] == ["ben"]
    assert audit.count() == 1


def waiting_retry(database: Database) -> WorkStore:
    work = WorkStore(database)
    work.add([PageFound(article_id="p1", url="https://a.example/1", feed_id="f1", found_at=T0)])
    (claimed,) = work.claim(Stage.FETCH, most=1, lease=30)
    failed = Completion(
        disposition=Disposition.RETRIED, reason="timeout", retry_at=T0 + 600, attempts=({"at": T0, "reason": "timeout"},),
        saves=(Save(record="article", id="p1", fields={"status": "fetch:retried:timeout"}),),
    )  # fmt: skip
    assert work.complete(claimed, failed)
    return work


def test_a_waiting_retry_can_be_made_due_now_once(database):
    database.now = T0
    work = waiting_retry(database)
    assert [retry["at"] for retry in work.retries()] == [T0 + 600]
    assert (work.hurry(["fetch/p1"], "hurry"), work.backlog()[Stage.FETCH]["due"]) == (1, 1)
    work.claim(Stage.FETCH, most=1, lease=30)
    assert work.hurry(["fetch/p1"], "hurry") == 0


def test_a_waiting_retry_can_be_given_up_and_the_books_balance(database):
    database.now = T0
    work = waiting_retry(database)
    assert (work.hurry(["fetch/p1"], "give_up"), work.hurry(["fetch/p1"], "give_up")) == (1, 0)
    books = work.books()
    assert work.retries() == []
    assert books["fetch:in"] == books["fetch:retried"] + books["fetch:dropped"]
    assert database.redis.hget(keys.ARTICLE("p1"), "status") == "fetch:discarded"
