"""The settings and their documents say the same."""

from __future__ import annotations

from pathlib import Path

from console import settings_text
from shared.settings import Settings

ROOT = Path(__file__).parents[3]


def test_every_setting_has_a_description_that_says_something() -> None:
    assert [name for name, field in Settings.model_fields.items() if len(field.description or "") < 20] == []


def test_the_page_on_configuration_is_what_the_settings_say() -> None:
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert page == settings_text.markdown(), "run `rarewire settings --markdown > docs/configuration.md`"


def test_the_example_environment_is_what_the_settings_say() -> None:
    page = (ROOT / "deploy/env.example").read_text(encoding="utf-8")
    assert page == settings_text.env_example(), "run `rarewire settings --env > deploy/env.example`"
