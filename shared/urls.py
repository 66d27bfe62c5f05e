"""URLs: the canonical form, host, site and article id. Pure.

One parser serves the whole house: WHATWG by `ada_url`, because parsers that disagree on the host are how requests reach
addresses that were checked under another name.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from functools import lru_cache

import ada_url
from publicsuffixlist import PublicSuffixList

LONGEST = 2_000
SCHEMES = frozenset({"http:", "https:"})
# Parameters that say who sent the reader, never which article is shown.
TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|mc_[ce]id|igshid|_ga|ref_src|cmpid|ncid|ocid|smid|xtor|at_\w+)$",
    re.IGNORECASE,
)


class BadURLError(ValueError):
    """The text is no http(s) URL that we could ask for."""


def canonical(text: str, base: str | None = None) -> str:
    """The one form of an http(s) URL under which we know, compare and fetch it; no fragment.

    Raises BadURLError for anything else: another scheme, a user or password in it, no host, more than 2,000 characters.
    """
    try:
        url = ada_url.URL(text.strip(), base) if base else ada_url.URL(text.strip())
    except ValueError as error:
        raise BadURLError(f"not a URL: {text[:120]!r}") from error
    if url.protocol not in SCHEMES:
        raise BadURLError(f"only http and https are fetched, not {url.protocol!r}")
    if url.username or url.password:
        raise BadURLError("a URL with a user name or password in it is refused")
    if not url.hostname:
        raise BadURLError("the URL has no host")
    url.hash = ""
    if len(url.href) > LONGEST:
        raise BadURLError(f"the URL is longer than {LONGEST} characters")
    return str(url.href)


def host(url: str) -> str:
    """The host name of a canonical URL, without port."""
    return str(ada_url.URL(url).hostname)


def origin(url: str) -> str:
    """The scheme, host and port of a canonical URL: what one robots.txt speaks for."""
    return str(ada_url.URL(url).origin)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=4096)
def site_of_host(name: str) -> str:
    """The registrable domain of a host by the Public Suffix List; an address stays itself."""
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return _suffixes().privatesuffix(name) or name
    return name


@lru_cache(maxsize=256)
def site(url: str) -> str:
    """The registrable domain of a canonical URL."""
    return site_of_host(host(url))


def identity(url: str) -> str:
    """What makes two addresses one article: the canonical URL less tracking parameters, scheme and leading `www.`."""
    parsed = ada_url.URL(canonical(url))
    kept = [
        pair
        for pair in str(parsed.search).removeprefix("?").split("&")
        if pair and not TRACKING.match(pair.split("=", 1)[0])
    ]
    path = str(parsed.pathname)
    if len(path) > 1:
        path = path.rstrip("/")
    query = "?" + "&".join(kept) if kept else ""
    return str(parsed.host).removeprefix("www.") + path + query


def article_id(url: str) -> str:
    """The id of the article at a URL: 24 hexadecimal characters of the SHA-256 of its identity."""
    return hashlib.sha256(identity(url).encode()).hexdigest()[:24]


def feed_id(url: str) -> str:
    """The id of the feed at a URL: 16 hexadecimal characters of the SHA-256 of its canonical form."""
    return hashlib.sha256(canonical(url).encode()).hexdigest()[:16]
