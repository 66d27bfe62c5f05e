"""robots.txt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.fetch.core.robots import LONGEST_DELAY, READ, UNREACHABLE, RobotsVerdict, judge_robots, robots_from

URL = "https://news.example/a/story"


def verdict(text: str | bytes, url: str = URL) -> RobotsVerdict:
    return judge_robots(robots_from(200, text if isinstance(text, bytes) else text.encode()), url)


def test_nothing_said_is_allowed() -> None:
    assert verdict("").allowed
    assert verdict("User-agent: *\nDisallow:\n").allowed


def test_a_rule_for_everyone_is_for_us() -> None:
    assert not verdict("User-agent: *\nDisallow: /a/").allowed
    assert verdict("User-agent: *\nDisallow: /b/").allowed


def test_our_own_group_goes_before_everyones() -> None:
    text = "User-agent: *\nDisallow: /\n\nUser-agent: RareWire/2.0\nAllow: /\nCrawl-delay: 7\n"
    assert verdict(text) == RobotsVerdict(allowed=True, delay=7.0)


def test_what_is_said_to_others_is_not_said_to_us() -> None:
    assert verdict("User-agent: googlebot\nDisallow: /\n\nUser-agent: rare\nDisallow: /").allowed


def test_several_names_share_one_group() -> None:
    assert not verdict("User-agent: a\nUser-agent: rarewire\nUser-agent: b\nDisallow: /a\n").allowed
    assert verdict("User-agent: rarewire\nDisallow: /x\nUser-agent: other\nDisallow: /\n").allowed


def test_the_longest_rule_decides_and_wildcards_count() -> None:
    text = "User-agent: *\nDisallow: /a\nAllow: /a/st*y$\nDisallow: /*?print"
    assert verdict(text).allowed
    assert not verdict(text, URL + "?print=1").allowed


@pytest.mark.parametrize(
    ("line", "delay"),
    [("Crawl-delay: 5", 5.0), ("crawl-delay: 0.5", 0.5), ("Crawl-delay: soon", None), ("Crawl-delay: -1", None)],
)
def test_a_crawl_delay_is_read(line: str, delay: float | None) -> None:
    assert verdict(f"User-agent: *\n{line}\n").delay == delay


def test_a_crawl_delay_is_capped_with_a_note() -> None:
    found = verdict("User-agent: *\nCrawl-delay: 86400\n")
    assert found.delay == LONGEST_DELAY
    assert "86400" in found.note


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 302])
def test_no_robots_txt_means_open(status: int) -> None:
    assert judge_robots(robots_from(status, b"User-agent: *\nDisallow: /"), URL).allowed


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_host_in_trouble_is_closed_for_now(status: int) -> None:
    robots = robots_from(status, b"")
    found = judge_robots(robots, URL)
    assert (found.allowed, found.for_now) == (False, True)
    assert robots.lifetime < robots_from(404, b"").lifetime
    assert robots == UNREACHABLE


def test_what_lies_past_half_a_megabyte_is_not_there() -> None:
    filler = b"# " + b"x" * 998 + b"\n"
    assert verdict(filler * (READ // 1_000 + 5) + b"User-agent: *\nDisallow: /").allowed


def test_a_byte_order_mark_and_comments_do_no_harm() -> None:
    assert not verdict(
        "\ufeffUser-agent: * # all\n# words\nDisallow: /a # this\nSitemap: https://news.example/s.xml"
    ).allowed


@given(st.binary(max_size=400))
def test_any_bytes_give_a_verdict(body: bytes) -> None:
    assert isinstance(verdict(body).allowed, bool)


@given(
    st.lists(
        st.sampled_from(
            [
                "User-agent: *",
                "User-agent: rarewire",
                "User-agent: x",
                "Disallow: /a",
                "Allow: /a/s",
                "Disallow: /",
                "",
                "# c",
                "Sitemap: /s",
                "Crawl-delay: 3",
                "user agent foo",
            ]
        ),
        max_size=12,
    )
)
def test_leaving_out_others_groups_changes_nothing_for_us(lines: list[str]) -> None:
    from protego import Protego

    text = "\n".join(lines)
    assert verdict(text).allowed == Protego.parse(text).can_fetch(URL, "rarewire")
