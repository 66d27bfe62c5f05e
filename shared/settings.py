"""The settings, each with a description; the only reader of the environment.

Order of precedence: environment (`RAREWIRE_…`), then the file named by `RAREWIRE_CONFIG` or `rarewire.toml` in the
configuration directory, then the defaults. `docs/configuration.md` and `deploy/env.example` are checked against this.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource
from pydantic_settings.exceptions import SettingsError as UnparsableError

from shared import sentinel
from shared.settings_sources import SettingsError, explained, home, is_server_address, settings_file

SHORTEST_TOKEN = 16


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(env_prefix="RAREWIRE_", extra="forbid", frozen=True)

    redis_url: SecretStr | None = Field(
        default=None,
        description="Redis or Valkey that holds all state, as redis://, rediss://, unix:// or redis+sentinel://. "
        "Empty: the server that `rarewire up` starts itself.",
    )
    broker_url: SecretStr | None = Field(
        default=None,
        description="Celery broker for the doorbells, if it is not to be the same server, e.g. amqp://….",
    )
    state_dir: Path = Field(
        default_factory=lambda: home("XDG_STATE_HOME", ".local/state") / "rarewire",
        description="Folder for the embedded server's data and the logs.",
    )
    feeds_file: Path | None = Field(
        default=None, description="TOML file of feeds to watch instead of the ones that ship with rarewire."
    )
    server_port: int = Field(
        default=6390, ge=0, le=65535, description="Loopback port of the embedded server; 0 or a taken port: a free one."
    )
    console_host: str = Field(
        default="127.0.0.1",
        description="Address that the web console listens on. Anything but loopback needs console_users.",
    )
    console_port: int = Field(default=8787, ge=0, le=65535, description="Port of the web console; 0: a free one.")
    console_url: str = Field(
        default="",
        description="Public address of the console behind a proxy, e.g. https://rarewire.example.org; "
        "its host is then accepted, its cookies are Secure, and notifications link to it.",
    )
    console_users: tuple[str, ...] = Field(
        default=(),
        repr=False,
        description="Who may sign in to the console: `name:role:hash` each, as `rarewire console-password` prints; "
        "roles are viewer and operator. Empty: loopback only, and without a login.",
    )
    console_token: SecretStr | None = Field(
        default=None,
        description="Bearer token that reads /metrics and the pages as a viewer, for programs; with users only.",
    )
    console_session_hours: float = Field(
        default=12.0, gt=0.0, le=720.0, description="Hours after which a login ends; unused ones end after two."
    )
    notify_urls: tuple[SecretStr, ...] = Field(
        default=(),
        description="Where alerts and recoveries are sent: URLs of the apprise library, e.g. mailto://… or slack://….",
    )
    dead_letter_days: int = Field(
        default=0,
        ge=0,
        description="Days after which dead letters are written to a file of the state folder and discarded, "
        "with an audit entry and a notice; 0: kept until an operator decides.",
    )
    contact: str = Field(
        default="https://example.org/rarewire",
        description="Where a site's owner reaches you: a URL or e-mail address, sent in the User-Agent.",
    )
    allow_loopback: bool = Field(
        default=False, description="Let fetches reach loopback addresses. For the demo and tests only."
    )
    ports: tuple[int, ...] = Field(
        default=(80, 443, 8080, 8443), description="Ports that fetches may connect to; empty: any."
    )
    host_gap: float = Field(
        default=2.0,
        ge=0.0,
        description="Least seconds between two requests to one host, unless its robots.txt asks for more.",
    )
    retry_scale: float = Field(
        default=1.0, gt=0, description="Factor on the waits between the tries of failed work; the demo's is small."
    )
    poll_floor: float = Field(
        default=600.0, gt=0, description="Least seconds between two polls of a feed whose server answers 304."
    )
    poll_floor_unproven: float = Field(
        default=3600.0, gt=0, description="The same for a feed whose server has not shown that it does."
    )
    poll_ceiling: float = Field(
        default=6 * 3600.0, gt=0, description="Most seconds between two polls of a feed that brings news."
    )
    fetch_threads: int = Field(default=32, ge=1, le=512, description="Pages and feeds fetched at the same time.")
    text_processes: int = Field(
        default_factory=lambda: os.cpu_count() or 2,
        ge=1,
        description="Processes that extract and classify; default: one a core.",
    )
    child_memory_mb: int = Field(
        default=1024, ge=256, description="Address space that one extraction process may take before it fails, in MiB."
    )
    topics: tuple[str, ...] = Field(
        default=("rare_earth",),
        description="Topics (folders of TOML rules) that articles are tagged and published for.",
    )
    topic_threshold: float = Field(
        default=0.5,
        gt=0.0,
        lt=1.0,
        description="Least probability at which an article is news of a topic: higher for fewer doubtful ones.",
    )
    mention_threshold: float = Field(
        default=0.1,
        gt=0.0,
        lt=1.0,
        description="Least strength of what proves that the topic is meant at all; below it an article does not "
        "mention it. Must be below the topic's threshold.",
    )
    publish_passing: bool = Field(
        default=False, description="Publish articles that only mention the topic in passing, too."
    )
    recheck_after: tuple[float, ...] = Field(
        default=(86_400.0,),
        description="Seconds after first sight at which a published article is fetched again, for corrections and "
        "retractions; empty: never.",
    )
    facet_streams: dict[str, tuple[str, ...]] = Field(
        default={},
        description="Filtered streams by name: the tags, as `facet:id` or `facet:*`, of which one suffices, e.g. "
        '{"export-controls": ["event:export_control"]}.',
    )
    inline_text: int = Field(
        default=100_000, ge=0, description="Characters of text that travel in an event; a longer text lies under a key."
    )
    retention_days: float = Field(
        default=14.0,
        ge=0.0,
        description="Days that the streams keep what every registered group has acknowledged, for replay.",
    )
    stream_memory_mb: int = Field(
        default=512,
        ge=16,
        description="Memory that one stream may take, in MiB. From 80 % on there is an alarm; beyond it the oldest "
        "entries go, read or not, and each group that lost some is told.",
    )
    list_fan_out: int = Field(
        default=0,
        ge=0,
        description="Keep the newest so many events in a list as well, for BRPOP consumers; 0: no list.",
    )
    pubsub_fan_out: bool = Field(
        default=False, description="Say every event on a pub/sub channel as well, to whoever listens at that moment."
    )
    webhooks_file: Path | None = Field(
        default=None,
        description="TOML file of endpoints that events are posted to, signed by Standard Webhooks (docs/webhooks.md).",
    )
    feed_tokens: tuple[SecretStr, ...] = Field(
        default=(),
        description="Tokens that read the outgoing feeds (/feed.atom, /feed.json) where the console has a login: as the"
        " password of HTTP basic authentication, or as ?token=. 16 characters at least; several for a change.",
    )
    feed_items: int = Field(default=50, ge=1, le=500, description="Articles in an outgoing feed.")
    feed_full_text: bool = Field(
        default=False,
        description="Put the articles' full texts into the outgoing feeds, where no rights reservation stands against "
        "it; you answer for the publishers' rights.",
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_json: bool = Field(default=True, description="Log one JSON line an event; false: for people's eyes.")

    @field_validator("redis_url")
    @classmethod
    def _server_address(cls, value: SecretStr | None) -> SecretStr | None:
        """An empty one, as compose files write it, is none. The text never quotes it: it may hold a password."""
        url = value.get_secret_value().strip() if value else ""
        if not url or sentinel.parse(url):
            return SecretStr(url) if url else None
        if not is_server_address(url):
            raise ValueError("must read redis://:password@host:6379/0, or rediss://, unix:// or redis+sentinel://")
        return SecretStr(url)

    @field_validator("facet_streams")
    @classmethod
    def _usable_streams(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name, patterns in value.items():
            if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
                raise ValueError(f"{name!r}: a stream's name is lower-case letters, digits and hyphens")
            for pattern in patterns:
                if not re.fullmatch(r"\w+:(\*|[\w.-]+)", pattern):
                    raise ValueError(f"{name}: {pattern!r} is no facet:id or facet:*")
        return value

    @field_validator("feed_tokens")
    @classmethod
    def _hard_to_guess(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(token.get_secret_value()) < SHORTEST_TOKEN for token in value):
            raise ValueError(f"a token must have at least {SHORTEST_TOKEN} characters")
        return value

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> Self:
        if self.mention_threshold >= self.topic_threshold:
            raise ValueError(
                f"mention_threshold ({self.mention_threshold}) must be below topic_threshold ({self.topic_threshold})"
            )
        return self

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("use DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file over defaults."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=settings_file())

    def running(self) -> dict[str, Any]:
        """Return what the running system wrote about itself (`redis_url`, `console_url`, …); empty if none runs."""
        try:
            found: dict[str, Any] = json.loads((self.state_dir / "running.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found

    def redis(self) -> str:
        """Return the URL of the server that holds the state: the setting, else the running system's own.

        Raises LookupError, with what to do, where there is neither.
        """
        if self.redis_url:
            return self.redis_url.get_secret_value()
        url = self.running().get("redis_url")
        if not url:
            raise LookupError(
                f"no server is known: start one with `rarewire up` (its state folder is {self.state_dir}), "
                "or set RAREWIRE_REDIS_URL"
            )
        return str(url)

    def broker(self) -> str:
        """Return the Celery broker's URL: the setting, else the server that holds the state."""
        return self.broker_url.get_secret_value() if self.broker_url else self.redis()


@cache
def settings() -> Settings:
    """Return the settings, read once a process. Raises SettingsError, with what is wrong and where."""
    try:
        return Settings()
    except SettingsError:
        raise
    except (ValidationError, UnparsableError, OSError, ValueError) as error:
        raise explained(error, settings_file()) from error
