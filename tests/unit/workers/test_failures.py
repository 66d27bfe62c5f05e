"""A caught error as data: always fit to be written, whatever it quotes."""

from __future__ import annotations

import pytest

from shared.errors import PermanentError
from shared.outcomes import Reason
from workers.failures import failure_of


@pytest.mark.parametrize("reason", [Reason.BUG, Reason.BAD_URL])
def test_an_error_that_quotes_half_a_surrogate_pair_can_be_written(reason: Reason) -> None:
    found = failure_of(ValueError("a page said \ud800"), reason)
    assert found.text == "a page said �"
    assert (found.text + found.traceback).encode()


def test_only_a_bug_is_told_with_its_traceback() -> None:
    error = PermanentError(Reason.BAD_URL, "no host")
    assert failure_of(error, Reason.BAD_URL).traceback == ""
    assert "PermanentError" in failure_of(error, Reason.BUG).traceback
