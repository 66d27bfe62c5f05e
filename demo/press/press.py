"""`Press`: the fake press as one object, for tests in the same process and for `python -m demo.press`."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from typing import TYPE_CHECKING, Literal, Self

from demo.press import outlets as catalogue
from demo.press.newsroom import Newsroom
from demo.press.server import Address, Server, bind
from demo.press.site import Layout, Site
from demo.press.truth import Truth, truth_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

Addresses = Literal["auto", "hosts", "ports", "paths"]
DAY = 86_400.0
CORRECT_EVERY = 25  # so many articles between two corrections


class Press:
    """Outlets on loopback that publish until stopped. The seed decides articles and faults; only times vary.

    seed        which articles and faults.
    outlets     how many outlets; None for the whole catalogue, more than it has for further editions.
    stock       how many articles exist at the start, dated over the day before.
    rate        articles a second that come out while it runs; 0 for none.
    most        how many articles come out in all; 0 for no end.
    faults      False for a press whose every page is there at once and right.
    addresses   `hosts`: 127.0.0.2 and up, one an outlet, so that pacing by host is real; `ports`: one port an outlet on
                127.0.0.1; `paths`: one address for all; `auto`: `hosts` where the system has such addresses, else
                `ports`.
    port        the port of every address (`ports`: the first of them); 0 for any free ones.
    page_kb     about how heavy a page is, in KiB.
    feed_length how many articles a feed shows; 0 for all.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        outlets: int | None = None,
        stock: int = 64,
        rate: float = 0.0,
        most: int = 0,
        faults: bool = True,
        addresses: Addresses = "auto",
        port: int = 0,
        page_kb: int = 40,
        feed_length: int = 100,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._outlets = catalogue.choose(outlets, faults=faults)
        self._stock, self._rate, self._most = stock, rate, most
        self._addresses, self._port = addresses, port
        self._page_kb, self._feed_length = page_kb, feed_length
        self._clock = clock
        self._newsroom = Newsroom(seed=seed, outlets=self._outlets)
        self._bases: dict[str, str] = {}
        self._site: Site | None = None
        self._server: Server | None = None
        self.url = ""

    def start(self) -> Self:
        """Bind, print the stock and serve; OSError when a port is taken. Returns itself."""
        sockets = self._bind()
        self.url = _url(sockets[0])
        lots = sockets[1:] or sockets * len(self._outlets)
        self._bases = {outlet.slug: _url(sock) for outlet, sock in zip(self._outlets, lots, strict=True)}
        layout = Layout(outlets=self._outlets, bases=self._bases, feed_length=self._feed_length, page_kb=self._page_kb)
        self._site = Site(newsroom=self._newsroom, layout=layout, clock=self._clock)
        now = self._clock()
        self._newsroom.publish([now - DAY * (self._stock - n) / self._stock for n in range(self._stock)])
        self._server = Server(self._site.answer, self._publish_at_rate)
        self._server.start(sockets)
        return self

    def stop(self) -> None:
        """Stop serving and publishing; what was published stays readable here."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def bases(self) -> dict[str, str]:
        """Outlet slug to the base URL of its address (no slash at the end)."""
        return dict(self._bases)

    def feeds(self) -> list[tuple[str, str, str]]:
        """Name, URL and format (`rss2`, `rss1`, `atom`, `json`) of each outlet's feed."""
        return self._running().feeds()

    def publish(self, count: int = 1) -> list[Truth]:
        """Publish now the next articles of the seed's order."""
        now = self._clock()
        return [truth_of(item, base=self._bases[item.outlet.slug]) for item in self._newsroom.publish([now] * count)]

    def correct(self) -> Truth | None:
        """Correct the newest article that can be: a paragraph is added, the feed's date moves. None if none can."""
        corrected = self._newsroom.correct(self._clock())
        return truth_of(corrected, base=self._bases[corrected.outlet.slug]) if corrected else None

    def truth(self) -> list[Truth]:
        """What must come out of everything published so far, in order of publication."""
        return [truth_of(item, base=self._bases[item.outlet.slug]) for item in self._newsroom.all()]

    def stats(self) -> dict[str, dict[str, int]]:
        """Requests answered so far, by outlet slug and status."""
        return self._running().stats()

    def _running(self) -> Site:
        if self._site is None:
            raise RuntimeError("the press has not been started")
        return self._site

    def _bind(self) -> list[socket.socket]:
        """The desk's socket first, then one for each outlet (none of their own with `paths`)."""
        if self._addresses == "auto":
            try:
                return bind(self._plan("hosts"))
            except OSError:
                return bind(self._plan("ports"))
        return bind(self._plan(self._addresses))

    def _plan(self, addresses: Addresses) -> list[Address]:
        desk, many = ("127.0.0.1", self._port), range(1, len(self._outlets) + 1)
        if addresses == "paths":
            return [desk]
        if addresses == "ports":
            return [desk, *(("127.0.0.1", self._port and self._port + n) for n in many)]
        first = ipaddress.IPv4Address("127.0.0.1")
        return [desk, *((str(first + n), self._port) for n in many)]

    async def _publish_at_rate(self) -> None:
        published = 0
        start = time.monotonic()
        while self._rate > 0 and (not self._most or self._stock + published < self._most):
            published += 1
            await asyncio.sleep(max(0.0, start + published / self._rate - time.monotonic()))
            self._newsroom.publish([self._clock()])
            if not published % CORRECT_EVERY:
                self._newsroom.correct(self._clock())


def _url(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://{host}:{port}"
