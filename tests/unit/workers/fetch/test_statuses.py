"""What a status means for a page."""

from __future__ import annotations

import pytest

from shared.errors import PermanentError, RetryableError
from shared.outcomes import Reason
from workers.fetch.core.statuses import judge_status


@pytest.mark.parametrize("status", [200, 203])
def test_a_good_status_goes_on(status: int) -> None:
    assert judge_status(status, {}, now=0.0) is None


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, Reason.LOGIN_WALL),
        (402, Reason.PAYWALL),
        (403, Reason.FORBIDDEN),
        (410, Reason.GONE),
        (451, Reason.FORBIDDEN),
        (204, Reason.NO_ARTICLE),
        (205, Reason.NO_ARTICLE),
    ],
)
def test_what_the_owner_refuses_is_dropped(status: int, reason: Reason) -> None:
    drop = judge_status(status, {}, now=0.0)
    assert drop is not None
    assert drop.reason is reason


@pytest.mark.parametrize(
    "headers", [{"cf-mitigated": "challenge"}, {"x-amzn-waf-action": "captcha"}, {"x-datadome": "protected"}]
)
@pytest.mark.parametrize("status", [202, 403, 405, 429, 503])
def test_a_challenge_in_the_headers_is_a_captcha_under_any_status(status: int, headers: dict[str, str]) -> None:
    drop = judge_status(status, headers, now=0.0)
    assert drop is not None
    assert drop.reason is Reason.CAPTCHA


@pytest.mark.parametrize(
    ("status", "headers", "reason", "wish"),
    [
        (404, {}, Reason.NOT_FOUND, None),
        (408, {}, Reason.TIMEOUT, None),
        (429, {"retry-after": "90"}, Reason.RATE_LIMITED, 90.0),
        (429, {"retry-after": "whenever"}, Reason.RATE_LIMITED, None),
        (500, {}, Reason.SERVER_ERROR, None),
        (503, {}, Reason.SERVER_ERROR, None),
        (503, {"retry-after": "9999999"}, Reason.RATE_LIMITED, 31 * 86_400.0),
        (599, {}, Reason.SERVER_ERROR, None),
        (206, {}, Reason.PROTOCOL, None),
        (302, {}, Reason.PROTOCOL, None),
        (304, {}, Reason.PROTOCOL, None),
        (700, {}, Reason.PROTOCOL, None),
    ],
)
def test_what_may_pass_is_tried_again_after_what_the_server_wishes(
    status: int, headers: dict[str, str], reason: Reason, wish: float | None
) -> None:
    with pytest.raises(RetryableError) as caught:
        judge_status(status, headers, now=0.0)
    assert (caught.value.reason, caught.value.retry_after) == (reason, wish)


@pytest.mark.parametrize("status", [400, 405, 406, 418, 431])
def test_what_we_are_told_is_wrong_with_the_request_stays_wrong(status: int) -> None:
    with pytest.raises(PermanentError) as caught:
        judge_status(status, {}, now=0.0)
    assert caught.value.reason is Reason.CLIENT_ERROR
