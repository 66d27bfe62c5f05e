"""Settings that cannot be used are told in sentences that name the setting and never quote its value."""

from __future__ import annotations

import os
import pathlib

import pytest

from shared.settings import Settings, settings
from shared.settings_sources import SettingsError, is_server_address, settings_file


@pytest.fixture(autouse=True)
def _fresh(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith(("RAREWIRE_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("RAREWIRE_FETCH_THREADS", "many", "fetch_threads"),
        ("RAREWIRE_TOPICS", "rare_earth", "topics (RAREWIRE_TOPICS): must be JSON"),
        ("RAREWIRE_REDIS_URL", "nonsense", "must read redis://"),
        ("RAREWIRE_REDIS_URL", "http://127.0.0.1:6379", "must read redis://"),
        ("RAREWIRE_REDIS_URL", "redis://127.0.0.1:port/0", "must read redis://"),
        ("RAREWIRE_REDIS_URL", "redis+sentinel://one", "a Sentinel address reads"),
        ("RAREWIRE_CONFIG", "/nowhere/rarewire.toml", "/nowhere/rarewire.toml: is no file"),
    ],
)
def test_a_bad_setting_is_named_in_one_sentence(monkeypatch, name: str, value: str, words: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        settings()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_sentence_never_quotes_a_value_for_it_may_be_a_secret(monkeypatch) -> None:
    monkeypatch.setenv("RAREWIRE_REDIS_URL", "rediss//:hunter2@state.example:6379/0")
    monkeypatch.setenv("RAREWIRE_FEED_TOKENS", '["hunter2"]')
    with pytest.raises(SettingsError) as caught:
        settings()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"a = = b", "is not TOML"), (b"host_gap = \xff", "is not UTF-8"), (b"no_such_setting = 1", "no_such_setting")],
)
def test_a_bad_file_of_settings_is_named(monkeypatch, tmp_path, content: bytes, words: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(content)
    monkeypatch.setenv("RAREWIRE_CONFIG", str(file))
    with pytest.raises(SettingsError, match=words):
        settings()


def test_an_empty_server_address_is_none_as_compose_files_write_it(monkeypatch) -> None:
    monkeypatch.setenv("RAREWIRE_REDIS_URL", "")
    assert settings().redis_url is None


def test_a_user_without_a_home_is_told_so_and_needs_none_where_the_folders_are_set(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(pathlib.Path, "home", classmethod(_no_home))
    with pytest.raises(SettingsError, match="set HOME or RAREWIRE_STATE_DIR"):
        settings()
    monkeypatch.setenv("RAREWIRE_STATE_DIR", str(tmp_path))
    assert settings().state_dir == tmp_path
    assert not settings_file().is_file()


def _no_home(_cls):
    raise RuntimeError("Could not determine home directory.")


@pytest.mark.parametrize(
    "url",
    [
        "redis://h",
        "redis://:p%40ss@h:6379/0",
        "rediss://u:p@[::1]:6379/1?ssl_cert_reqs=none",
        "unix:///run/v.sock?db=0",
    ],
)
def test_every_way_to_name_a_server_is_taken(url: str) -> None:
    assert is_server_address(url)
    assert Settings(redis_url=url).redis() == url  # type: ignore[arg-type]
