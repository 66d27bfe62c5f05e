"""One attempt: sign the event, post it, judge the answer. Redirects are answers, and nothing is tried again here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.errors import StageError
from workers.deliver.core import SecretError, Verdict, headers, of_answer, of_error, wants_body
from workers.deliver.core.payload import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.http_client import HTTPClient
    from workers.deliver.core import Endpoint

# A coded answer could be short on the wire and long in memory.
PLAIN = {"accept": "*/*", "accept-encoding": "identity"}


@dataclass(frozen=True, kw_only=True)
class Ports:
    """What an attempt needs: a client that reaches the endpoint and nothing else, its keys, and epoch seconds."""

    http: HTTPClient
    keys_of: Callable[[Endpoint], tuple[bytes, ...]]
    clock: Callable[[], float]


def run(endpoint: Endpoint, event: str, body: bytes, ports: Ports) -> Verdict:
    """Post one event under its id, the same at each attempt; the time, and so the signature, are the attempt's."""
    now = ports.clock()
    try:
        signed = headers(event, int(now), body, ports.keys_of(endpoint))
    except SecretError as error:
        return no_secret(error)
    try:
        answer = ports.http.post(
            endpoint.url, body=body, content_type=CONTENT_TYPE, headers={**PLAIN, **signed},
            deadline=endpoint.timeout, wants_body=wants_body, repeatable=True,
        )  # fmt: skip
    except StageError as error:
        return of_error(error)
    return of_answer(answer, now=now)


def unable(endpoint: Endpoint, ports: Ports) -> Verdict | None:
    """Return why no attempt can be made at all, None where one can: an event is not to be spent on our own fault."""
    try:
        ports.keys_of(endpoint)
    except SecretError as error:
        return no_secret(error)
    return None


def no_secret(error: SecretError) -> Verdict:
    """Return the verdict on an attempt that could not be signed."""
    return Verdict(outcome="no_secret", detail=str(error))
