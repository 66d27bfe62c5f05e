"""What an operator does, in a real browser."""

from __future__ import annotations

import re

import pytest

from console.web.exposure import user_line
from shared.stores.audit import AuditStore
from shared.stores.dead_letters import DeadLetterStore
from tests.browser.conftest import shot
from tests.world import HOSTILE, HOSTS, bury, drop, publish

SCREENS = ("/", "/articles", "/recent", "/feeds", "/failures", "/failures?view=letters", "/retries", "/consumers", "/workers",
           "/sites", "/audit", "/help")  # fmt: skip


def test_from_the_overview_to_a_retried_group_in_two_clicks(serve, open_page, world):
    page = open_page(serve())
    page.locator("#live-side .card", has_text="Failures").get_by_text("Retry…").first.click()
    page.get_by_role("button", name=re.compile(r"^Retry 20 letters")).click()
    page.get_by_role("status").wait_for()
    assert "20 letters moved" in page.get_by_role("status").inner_text().replace("\n", " ")
    assert DeadLetterStore(world).count() == 120


def test_the_same_in_three_keys(serve, open_page, world):
    page = open_page(serve())
    page.keyboard.press("j")
    page.keyboard.press("Shift+R")
    page.wait_for_url("**/failures/confirm*")
    page.wait_for_load_state()
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert DeadLetterStore(world).count() == 120
    assert AuditStore(world).acts()[0].count == 20


def test_rows_are_chosen_by_keys_and_by_shift_click(serve, open_page, world):
    page = open_page(serve() + "/failures?view=letters")
    for key in ("j", "x", "j", "j", "x"):
        page.keyboard.press(key)
    assert page.locator("[data-chosen]").inner_text() == "2 chosen"
    boxes = page.locator("[data-choose]")
    boxes.nth(5).click()
    boxes.nth(9).click(modifiers=["Shift"])
    assert page.locator("[data-chosen]").inner_text() == "7 chosen"
    page.keyboard.press("Shift+D")
    page.wait_for_url("**/failures/confirm*")
    assert page.get_by_role("heading", level=1).inner_text() == "Discard 7 letters?"
    page.get_by_role("button", name="Discard 7 letters").click()
    page.get_by_role("status").wait_for()
    assert DeadLetterStore(world).count() == 133


def test_all_that_match_a_filter_are_what_the_button_says(serve, open_page, world):
    page = open_page(serve() + "/failures?q=stage:extract")
    page.get_by_role("button", name="Retry all 40").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Retry 40 letters?"
    page.get_by_role("button", name="Dry run").click()
    assert "40 letters would be moved" in page.get_by_role("status").inner_text()
    assert DeadLetterStore(world).count() == 140
    page.get_by_role("button", name="Retry 40 letters").click()
    page.get_by_role("status").wait_for()
    assert DeadLetterStore(world).count() == 100


def test_why_a_url_was_not_published_is_found_from_the_search_box(serve, open_page, world):
    drop(world, 77)
    page = open_page(serve())
    page.keyboard.press("s")
    page.keyboard.type(f"https://{HOSTS[2]}/dropped/extract/too_short/77")
    page.keyboard.press("Enter")
    assert "the text is too short to be an article" in page.locator(".story .headline").inner_text()
    shot(page, "why")
    page.locator("[data-search]").fill(f"https://{HOSTS[1]}/never")
    page.keyboard.press("Enter")
    page.get_by_text("no feed has announced it").wait_for()


def test_the_overview_lives(serve, open_page, world):
    page = open_page(serve())
    page.locator("[data-live-dot]:not([hidden])").wait_for()
    publish(world, 1_000, title="A title that arrives while one looks")
    page.get_by_text("A title that arrives while one looks").wait_for(timeout=15_000)


def test_hostile_titles_and_texts_do_nothing(serve, open_page, world):
    identity = publish(world, 1_001, title=HOSTILE)
    bury(world, 1_002)
    address = serve()
    page = open_page(address)
    page.on("dialog", lambda _dialog: pytest.fail("a script of an article ran"))
    for path in (f"/articles/{identity}", "/articles", "/"):
        page.goto(address + path)
        assert page.evaluate("document.querySelectorAll('main img[onerror], main script').length") == 0
    page.get_by_text(HOSTILE[:20]).first.wait_for()


def test_the_help_opens_by_key_and_goes_by_escape(serve, open_page):
    page = open_page(serve())
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("g")
    page.keyboard.press("f")
    page.wait_for_url("**/failures")


def test_a_login_a_viewer_and_a_logout(serve, open_page):
    page = open_page(serve(console_users=(user_line("vera", "viewer", "correct horse battery"),)) + "/failures")
    shot(page, "login")
    page.get_by_label("Name").fill("vera")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/failures")
    assert page.get_by_text("Retry…").count() == 0
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")


@pytest.mark.parametrize(("width", "dark"), [(1360, False), (1360, True), (390, False), (390, True)])
def test_every_screen_fits_its_width(serve, open_page, width, dark):
    address = serve()
    page = open_page(address, width=width, dark=dark)
    for path in SCREENS:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        name = path.strip("/").replace("?", "-").replace("=", "-") or "overview"
        shot(page, f"{name}-{'phone' if width < 500 else 'desk'}-{'dark' if dark else 'light'}")
