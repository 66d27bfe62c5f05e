"""What an endpoint is, and reading endpoints from a parsed TOML document. Pure; the file is read by `catalogue`.

An endpoint lies on the public web, by https; or, where `allow_networks` names networks of the operator's own, in those
and nowhere else, and then http will do, too.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from shared.events import stream_of
from shared.http.addresses import Network, is_private
from shared.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

GROUP = "webhook-{}"
SECRET = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:/.+")
PORTS = {"http": 80, "https": 443}


class EndpointError(ValueError):
    """Endpoints that cannot be used; the text names block and field, and says what to do."""


def _private(network: Network) -> Network:
    if not is_private(network):
        raise ValueError(
            f"{network} is no private network; allow_networks is for loopback (127.0.0.0/8, ::1/128), 10.0.0.0/8, "
            "172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 and fc00::/7, or parts of them"
        )
    return network


class Endpoint(BaseModel):
    """One endpoint. `timeout` in seconds; `parallel` posts at a time, of which more than 1 gives up the order."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    url: str
    owner: str = Field(min_length=1, max_length=200)
    secret: str
    topic: str = ""
    facet: str = ""
    start: Literal["new", "oldest"] = "new"
    text: bool = True
    timeout: float = Field(default=15.0, ge=1.0, le=30.0)
    parallel: int = Field(default=1, ge=1, le=32)
    allow_networks: tuple[Annotated[Network, AfterValidator(_private)], ...] = ()

    @field_validator("secret")
    @classmethod
    def _not_the_secret_itself(cls, value: str) -> str:
        if not SECRET.fullmatch(value):
            raise ValueError("say where it is: env:VARIABLE or file:/path; never the secret itself")
        return value

    @field_validator("url")
    @classmethod
    def _usable_url(cls, value: str) -> str:
        return canonical(value)

    @model_validator(mode="after")
    def _where_it_lies(self) -> Self:
        if self.url.startswith("http:") and not self.allow_networks:
            raise ValueError("url: must be https, unless allow_networks names the private networks it lies in")
        try:
            address = ipaddress.ip_address(self.host.strip("[]"))
        except ValueError:
            return self
        if self.allow_networks and not any(address in network for network in self.allow_networks):
            raise ValueError(f"url: {address} lies in none of allow_networks")
        return self

    @property
    def host(self) -> str:
        """The host name or address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port that is connected to."""
        parts = urlsplit(self.url)
        return parts.port or PORTS[parts.scheme]

    @property
    def group(self) -> str:
        """The consumer group that reads for it."""
        return GROUP.format(self.name)

    @property
    def stream(self) -> str:
        """The stream it is given."""
        return stream_of(self.topic, self.facet)

    @property
    def shown_url(self) -> str:
        """The address without its path and query, which with many receivers are a secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/" + ("…" if parts.path.strip("/") or parts.query else "")


def read(document: Mapping[str, Any], *, topics: Sequence[str], facets: Collection[str] = ()) -> tuple[Endpoint, ...]:
    """Return the endpoints of a document of [[endpoint]] blocks, in order. Raises EndpointError for the first fault.

    `topics` are those that are published, the first of them the default; `facets` the names of the filtered streams.
    """
    blocks = document.get("endpoint")
    if not isinstance(blocks, list) or not all(isinstance(one, dict) for one in blocks) or len(document) != 1:
        raise EndpointError("must hold [[endpoint]] blocks and nothing else")
    found: list[Endpoint] = []
    for number, block in enumerate(blocks, 1):
        about = f"endpoint {number} ({block.get('name') or 'without a name'})"
        endpoint = _endpoint({"topic": topics[0] if topics else "", **block}, about)
        _refuse_unknown(endpoint, about, topics, facets)
        if any(one.name == endpoint.name for one in found):
            raise EndpointError(f"{about}: name: another endpoint has it already")
        found.append(endpoint)
    return tuple(found)


def _endpoint(block: Mapping[str, Any], about: str) -> Endpoint:
    try:
        return Endpoint.model_validate(block)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        text = first["msg"].removeprefix("Value error, ")
        raise EndpointError(f"{about}: {field + ': ' if field else ''}{text}") from None  # the cause quotes the input


def _refuse_unknown(endpoint: Endpoint, about: str, topics: Sequence[str], facets: Collection[str]) -> None:
    if endpoint.topic not in topics:
        raise EndpointError(f"{about}: topic: {endpoint.topic!r} is not published; there are {', '.join(topics)}")
    if endpoint.facet and endpoint.facet not in facets:
        there = f"there are {', '.join(facets)}" if facets else "there are none"
        raise EndpointError(f"{about}: facet: no filtered stream {endpoint.facet!r}; {there} (RAREWIRE_FACET_STREAMS)")
