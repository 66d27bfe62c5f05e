"""Notices as rows for people: what they are about has a name and a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.stores.feeds import FeedStore
from shared.stores.notices import NoticeStore

if TYPE_CHECKING:
    from shared.stores.connection import Database


def notice_rows(database: Database, most: int) -> list[dict[str, Any]]:
    """Return the newest notices with `title` and `href` (empty where there is no place to go)."""
    found = NoticeStore(database).newest(most)
    names = FeedStore(database).names([one["about"] for one in found])
    return [{**one, "title": names.get(one["about"]) or one["about"], "href": _place(one, names)} for one in found]


def _place(notice: dict[str, Any], names: dict[str, str]) -> str:
    if notice["about"] in names:
        return f"/feeds/{notice['about']}"
    if notice["kind"] == "drift":
        return f"/sites/{notice['about']}"
    if notice["kind"] == "webhook":
        return "/consumers"
    return "/workers" if notice["kind"] in {"restarted", "killed"} else ""
