"""Who may come in and what they may do: loopback, logins, roles, forms; and that a viewer changes nothing, anywhere."""

from __future__ import annotations

import pytest
from starlette.routing import Route

from console.web.app import ROUTES
from console.web.desk import COOKIE
from console.web.exposure import ExposureError, check_exposure, user_line, users_of
from shared.settings import Settings
from shared.stores.dead_letters import DeadLetterStore
from shared.stores.feeds import FeedStore
from tests.unit.console.web.conftest import PASSWORD, USERS, token

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND")


def test_listening_beyond_loopback_without_users_is_refused():
    with pytest.raises(ExposureError, match="console_users"):
        check_exposure(Settings(console_host="0.0.0.0"))
    with pytest.raises(ExposureError, match="console_url"):
        check_exposure(Settings(console_url="https://rarewire.example.org"))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.9.1"])
def test_loopback_needs_no_users(host):
    check_exposure(Settings(console_host=host))


def test_users_open_the_console_to_others():
    check_exposure(Settings(console_host="0.0.0.0", console_users=USERS))


@pytest.mark.parametrize("line", ["", "anna", "anna:root:$argon2id$x", "anna:viewer:plain", ":viewer:$argon2id$x"])
def test_a_user_that_cannot_be_read_is_refused(line):
    with pytest.raises(ExposureError, match="entry 1"):
        users_of([line])


def test_a_password_must_have_ten_characters():
    with pytest.raises(ExposureError, match="10 characters"):
        user_line("anna", "viewer", "short")


def test_another_name_for_this_machine_is_refused_without_a_login(local):
    answer = local.get("/", headers={"host": "rebound.attacker.example"})
    assert answer.status_code == 421


def test_without_a_session_everything_but_the_probes_leads_to_the_login(console):
    client = console(console_users=USERS)
    assert client.get("/failures?q=stage:fetch").headers["location"] == "/login?next=/failures%3Fq%3Dstage%3Afetch"
    assert client.get("/metrics").status_code == 401
    assert client.post("/failures/move").status_code == 401
    assert client.get("/readyz").status_code == 200
    assert client.get("/livez").status_code in {200, 503}


def test_a_login_works_once_the_password_fits_and_ends_with_the_logout(signed_in):
    client = signed_in("olga")
    assert client.get("/").status_code == 200
    assert "olga" in client.get("/").text
    old = client.cookies.get(COOKIE)
    client.post("/logout", data={"csrf": token(client)})
    client.cookies.set(COOKIE, old, domain="127.0.0.1")
    assert client.get("/").status_code == 303


def test_a_wrong_password_or_name_tells_the_same_and_is_slowed_down(console):
    client = console(console_users=USERS)
    client.get("/login")
    answers = [
        client.post("/login", data={"csrf": token(client), "name": name, "password": "wrong password"})
        for name in ("olga", "nobody", "olga", "olga", "olga", "olga")
    ]
    assert [answer.status_code for answer in answers] == [401] * 6
    assert "Name or password is wrong" in answers[0].text
    assert "Name or password is wrong" in answers[1].text
    late = client.post("/login", data={"csrf": token(client), "name": "olga", "password": PASSWORD})
    assert late.status_code == 429


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(console):
    answer = console(console_users=USERS, console_url="https://rarewire.example.org").get("/login")
    for word in ("HttpOnly", "SameSite=Strict", "Secure"):
        assert word in answer.headers["set-cookie"]


def test_a_session_ends_after_its_time(signed_in, world):
    client = signed_in("olga")
    world.now = world.time() + 13 * 3_600
    assert client.get("/").status_code == 303
    world.now = None


def test_a_user_who_was_removed_is_out_at_once(signed_in):
    client = signed_in("olga")
    del client.app.state.desk.users["olga"]
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_a_login_leads_to_our_own_pages_only(console, target):
    client = console(console_users=USERS)
    client.get("/login")
    answer = client.post("/login", data={"csrf": token(client), "name": "vera", "password": PASSWORD, "next": target})
    assert answer.headers["location"] == "/"


def test_a_form_of_another_site_or_without_its_token_is_refused(local, world):
    local.get("/")
    good = {"csrf": token(local), "verb": "discard", "everything": "yes"}
    assert local.post("/failures/move", data=good, headers={"origin": "https://evil.example"}).status_code == 403
    assert local.post("/failures/move", data=good, headers={"origin": "http://127.0.0.1:9999"}).status_code == 403
    assert local.post("/failures/move", data=good, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert local.post("/failures/move", data={**good, "csrf": "0" * 64}).status_code == 403
    assert local.post("/failures/move", data={"verb": "discard", "everything": "yes"}).status_code == 403
    assert DeadLetterStore(world).count() == 21


def test_the_token_reads_and_changes_nothing(console, world):
    client = console(console_users=USERS, console_token="s3cret-token")
    bearer = {"authorization": "Bearer s3cret-token"}
    assert client.get("/metrics", headers=bearer).status_code == 200
    assert (
        client.post("/failures/move", data={"verb": "discard", "everything": "yes"}, headers=bearer).status_code == 403
    )
    assert client.get("/metrics", headers={"authorization": "Bearer other"}).status_code == 401


def test_a_body_that_is_too_large_or_of_unknown_size_is_not_read(console):
    client = console(console_users=USERS)
    client.get("/login")
    assert client.post("/login", data={"name": "x" * 1_100_000}).status_code == 413
    assert client.post("/login", content=iter([b"name=x"])).status_code == 413


def state_of(database) -> dict[str, bytes]:
    """All that is kept, but what reading itself moves: sessions, and the hubs' key that is made on first use."""
    return {
        key: database.redis.dump(key)
        for key in sorted(database.redis.scan_iter("*"))
        if not key.startswith(("rarewire:1:session:", "rarewire:1:login:", "rarewire:1:push-key"))
    }


def fill(route: Route, world) -> str:
    letter = DeadLetterStore(world).names(most=1)[0]
    stage, _, work_id = letter.partition("/")
    feed = FeedStore(world).ids()[0]
    values = {"stage": stage, "id:path": work_id, "version": "x", "name": "rarewire.css"}
    path = route.path
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path.replace("{id}", feed if path.startswith("/feeds") else work_id)


BODIES = (
    {"verb": "discard", "everything": "yes"},
    {"verb": "retry", "q": "stage:fetch"},
    {"verb": "pause"},
    {"verb": "give_up", "name": "fetch/x"},
    {"url": "https://a.example/x"},
    {"message": "{}"},
)


def test_a_viewer_changes_nothing_by_any_route_and_any_method(signed_in, world):
    client = signed_in("vera")
    names = [f"{row}" for row in DeadLetterStore(world).names(most=3)]
    before = state_of(world)
    for route in ROUTES:
        if route.path in {"/live", "/logout"}:
            continue
        path = fill(route, world)
        for method in METHODS:
            for body in BODIES:
                data = {**body, "csrf": token(client), "name": body.get("name", names)}
                answer = client.request(method, path, data=None if method in {"GET", "HEAD"} else data)
                assert answer.status_code < 500, (method, path)
            if method not in {"GET", "HEAD"} and route.path != "/login" and not route.path.startswith("/websub/"):
                assert answer.status_code in {401, 403, 405}, (method, path, answer.status_code)
    assert state_of(world) == before


def test_a_viewer_sees_no_button_that_changes_something(signed_in, world):
    client = signed_in("vera")
    letter = DeadLetterStore(world).names(most=1)[0]
    for path in (
        "/",
        "/failures",
        "/failures?view=letters",
        f"/failures/{letter}",
        "/retries",
        f"/feeds/{FeedStore(world).ids()[0]}",
    ):
        text = client.get(path).text
        assert "Retry…" not in text
        assert 'value="pause"' not in text
        assert 'action="/edit' not in text


def test_secrets_of_the_settings_are_on_no_page(console):
    client = console(console_token="tell-nobody")
    for path in ("/", "/workers", "/help", "/metrics"):
        text = client.get(path).text
        assert "tell-nobody" not in text
        assert "redis://" not in text
