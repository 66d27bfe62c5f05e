"""Content codings, undone under a cap. Pure.

gzip and deflate only, one coding only, and the end of the stream must have come: httpx 0.28 takes a bomb whole
(CVE-2026-84382) and calls a gzip that was cut off a complete answer.
"""

from __future__ import annotations

import zlib

from shared.errors import PermanentError, RetryableError
from shared.outcomes import Reason

IDENTITY = frozenset({"", "identity"})
GZIP = frozenset({"gzip", "x-gzip"})
MEMBERS = 1_000  # a gzip file may be many members in a row; honest ones are one, or one for each flush
GZIP_MAGIC = b"\x1f\x8b"
ZLIB_METHOD = 8  # RFC 1950: the low nibble of the first byte


class Decoder:
    """Takes a body as it comes and gives what it decodes to, never more than `limit` bytes.

    Raises PermanentError(too_large) past the limit, PermanentError(bad_encoding) for a coding we did not ask for,
    RetryableError(bad_encoding) for bytes that are not in the coding they claim, RetryableError(truncated) if the end
    is missing.
    """

    def __init__(self, coding: str, limit: int) -> None:
        self._coding = coding.strip().lower()
        self._limit = limit
        self._size = 0
        self._pieces: list[bytes] = []
        self._members = 0
        self._ended = False  # the coded stream is complete; what follows is padding
        self._inflater: zlib._Decompress | None = None
        self._head = b""  # too few bytes to tell what begins here
        if self._coding not in IDENTITY | GZIP | {"deflate"}:
            raise PermanentError(Reason.BAD_ENCODING, f"content coding {coding[:60]!r} was not asked for")

    def feed(self, data: bytes) -> None:
        """Take the next bytes from the wire."""
        if self._coding in IDENTITY:
            self._keep(data)
        elif not self._ended:
            self._inflate(data)

    def finish(self) -> bytes:
        """The whole body; checks that the coded stream reached its end."""
        cut = bool(self._head) if self._inflater is None else not self._inflater.eof
        if cut:
            raise RetryableError(Reason.TRUNCATED, "the compressed body is cut off")
        return b"".join(self._pieces)

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limit:
            raise PermanentError(Reason.TOO_LARGE, f"the body is larger than {self._limit} bytes")
        self._pieces.append(data)

    def _inflate(self, data: bytes) -> None:
        data = self._head + data
        self._head = b""
        while data and not self._ended:
            if self._inflater is None or self._inflater.eof:
                if len(data) < len(GZIP_MAGIC):
                    self._head = data
                    return
                self._begin_member(data)
            else:
                data = self._inflate_some(self._inflater, data)

    def _inflate_some(self, inflater: zlib._Decompress, data: bytes) -> bytes:
        """Decode at most one byte past the limit; what is left of `data` comes back."""
        try:
            self._keep(inflater.decompress(data, self._limit - self._size + 1))
        except zlib.error as error:
            raise RetryableError(Reason.BAD_ENCODING, f"the body is not {self._coding}: {error}") from error
        return inflater.unused_data if inflater.eof else inflater.unconsumed_tail

    def _begin_member(self, data: bytes) -> None:
        """The first stream, or another gzip member; anything else after an end is padding, ignored as everywhere."""
        if self._inflater is not None and not (self._coding in GZIP and data.startswith(GZIP_MAGIC)):
            self._ended = True
            return
        self._members += 1
        if self._members > MEMBERS:
            raise PermanentError(Reason.BAD_ENCODING, f"more than {MEMBERS} gzip members")
        self._inflater = zlib.decompressobj(self._window_bits(data))

    def _window_bits(self, data: bytes) -> int:
        """What zlib is to expect. RFC 9110 means zlib by "deflate"; many servers send the raw stream."""
        if self._coding in GZIP:
            return 16 + zlib.MAX_WBITS
        wrapped = data[0] & 0x0F == ZLIB_METHOD and int.from_bytes(data[:2], "big") % 31 == 0
        return zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS
