"""Headers are found in any case and joined when they come more than once."""

from __future__ import annotations

from shared.http.answer import Headers


def test_a_field_is_found_in_any_case() -> None:
    assert Headers([("Content-Type", "text/html")])["CONTENT-type"] == "text/html"


def test_a_field_that_came_twice_is_joined_and_kept_apart() -> None:
    headers = Headers([("X-Robots-Tag", "noindex"), ("x-robots-tag", "noarchive")])
    assert headers["x-robots-tag"] == "noindex, noarchive"
    assert headers.all("X-Robots-Tag") == ("noindex", "noarchive")


def test_a_field_that_did_not_come_is_missing() -> None:
    headers = Headers()
    assert headers.get("etag") is None
    assert headers.all("etag") == ()
    assert "etag" not in headers


def test_all_pairs_can_be_listed() -> None:
    assert Headers([("A", "1"), ("B", "2"), ("a", "3")]).pairs() == (("a", "1"), ("a", "3"), ("b", "2"))
