from __future__ import annotations

import pytest

from workers.classify.core.ruleset import Ruleset
from workers.classify.rulesets import load_ruleset


@pytest.fixture(scope="session")
def rare_earth() -> Ruleset:
    return load_ruleset("rare_earth")


@pytest.fixture(scope="session")
def lithium() -> Ruleset:
    return load_ruleset("lithium")
