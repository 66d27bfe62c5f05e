"""The endpoints as the settings name them, and their secrets where they lie. Reads files and the environment."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from workers.deliver.core import EndpointError, SecretError, read, secrets_in

if TYPE_CHECKING:
    from shared.settings import Settings
    from workers.deliver.core import Endpoint


def endpoints(settings: Settings) -> tuple[Endpoint, ...]:
    """Return the endpoints of the settings, none where no file is named. Raises EndpointError."""
    path = settings.webhooks_file
    if path is None:
        return ()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        return read(document, topics=settings.topics, facets=tuple(settings.facet_streams))
    except OSError as error:
        raise EndpointError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise EndpointError(f"{path}: is not UTF-8 (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise EndpointError(f"{path}: is not TOML: {error}") from error
    except EndpointError as error:
        raise EndpointError(f"{path}: {error}") from error


def keys_of(endpoint: Endpoint) -> tuple[bytes, ...]:
    """Return the keys that sign for an endpoint, the newest first. Raises SecretError.

    Read for each attempt, so that a secret in a file is changed without a restart.
    """
    kind, _, place = endpoint.secret.partition(":")
    try:
        return secrets_in(_text(kind, place))
    except SecretError as error:
        raise SecretError(f"{endpoint.secret}: {error}") from None


def _text(kind: str, place: str) -> str:
    if kind == "env":
        if place not in os.environ:
            raise SecretError("the variable is not set")
        return os.environ[place]
    try:
        return Path(place).read_text(encoding="ascii")
    except OSError as error:
        raise SecretError(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise SecretError("is not plain text") from None
