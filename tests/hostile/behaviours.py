"""The bad behaviours of servers, each with the reason a fetch of it must end with."""

from __future__ import annotations

import gzip
import zlib
from functools import cache

from tests.hostile.server import PAGE, Visit, behaviour, simple

MEGABYTE = 1_000_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = "Transfer-Encoding: chunked"


@cache
def bomb(megabytes: int, wbits: int = 31) -> bytes:
    """`megabytes` of zeros, compressed about a thousandfold."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    pieces = [packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)]
    return b"".join([*pieces, packer.flush()])


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


# What is no HTTP
simple("closes_at_once", "connect", lambda visit: None)
simple("resets_at_once", "connect", lambda visit: visit.reset())
simple("says_nothing", "timeout", lambda visit: visit.hang())
simple("sends_noise", "protocol", lambda visit: visit.send(bytes(range(256)) * 40))
simple("speaks_ssh", "protocol", lambda visit: visit.send(b"SSH-2.0-OpenSSH_9.9\r\n"))
simple("speaks_smtp", "protocol", lambda visit: visit.send(b"220 mail.invalid ESMTP\r\n"))
simple("speaks_http_0_9", "protocol", lambda visit: visit.send(PAGE))
simple("speaks_http_2", "protocol", lambda visit: visit.send(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18)))
simple("sends_half_a_status_line", "protocol", lambda visit: visit.send(b"HTTP/1.1 20"))
simple("sends_half_a_head", "protocol", lambda visit: visit.send(HEAD))
simple("sends_an_endless_status_line", "protocol", lambda visit: visit.flood(b"HTTP/1.1 200 OK"))
simple("sends_a_status_in_words", "protocol", lambda visit: visit.send(b"HTTP/1.1 OK fine\r\n\r\n"))
simple("sends_status_99", "protocol", lambda visit: visit.send(b"HTTP/1.1 99 Odd\r\n\r\n"))
simple("sends_status_1000", "protocol", lambda visit: visit.send(b"HTTP/1.1 1000 Odd\r\n\r\n"))
simple("sends_status_700", "protocol", lambda visit: visit.answer(status="700 Odd"))
simple(
    "switches_protocols", "protocol", lambda visit: visit.start("Upgrade: h2c", "Connection: upgrade", status="101 Go")
)


@behaviour("timeout")
def drips_the_status_line(visit: Visit) -> None:
    visit.drip(b"HTTP/1.1 200 " + b"O" * 2_000)


@behaviour("timeout")
def drips_headers(visit: Visit) -> None:
    visit.send(b"HTTP/1.1 200 OK\r\n")
    visit.drip(b"X-A: b\r\n" * 500)


@behaviour("timeout")
def drips_interim_answers(visit: Visit) -> None:
    while True:
        visit.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        visit.wait(0.05)


# Headers
simple("floods_interim_answers", "protocol", lambda visit: visit.flood(b"HTTP/1.1 100 Continue\r\n\r\n"))
simple("floods_headers", "protocol", lambda visit: [visit.send(HEAD), visit.flood(b"X-A: b\r\n")])
simple("sends_one_huge_header", "protocol", lambda visit: visit.answer(PAGE, "X-A: " + "b" * MEGABYTE))
simple("sends_a_header_without_colon", "protocol", lambda visit: visit.answer(PAGE, "no colon here"))
simple("sends_a_space_before_the_colon", "protocol", lambda visit: visit.answer(PAGE, "X-A : b"))
simple("sends_nul_in_a_header", "protocol", lambda visit: visit.answer(PAGE, "X-A: a\0b"))
simple("sends_two_lengths", "protocol", lambda visit: visit.start("Content-Length: 5", "Content-Length: 9"))
simple("sends_a_negative_length", "protocol", lambda visit: visit.start("Content-Length: -1"))
simple("sends_a_length_in_words", "protocol", lambda visit: visit.start("Content-Length: many"))
simple("sends_a_length_of_a_thousand_digits", "protocol", lambda visit: visit.start("Content-Length: " + "9" * 1_000))
simple("announces_a_terabyte", "too_large", lambda visit: visit.start("Content-Length: 1000000000000"))
simple("sends_an_unknown_transfer_coding", "protocol", lambda visit: visit.start("Transfer-Encoding: gzip"))
simple(
    "sends_early_hints_first",
    "page",
    lambda visit: [visit.start("Link: </a>", status="103 Early"), visit.answer()],
)
simple("folds_a_header", "page", lambda visit: visit.answer(PAGE, "X-A: b\r\n  c"))
simple("sends_bytes_in_a_header", "page", lambda visit: visit.answer(PAGE, "X-A: caf\xe9 \xff"))
simple("sends_bare_line_feeds", "page", lambda visit: visit.send(HEAD.replace(b"\r", b"") + b"\n" + PAGE))
simple("sends_a_giant_cookie", "page", lambda visit: visit.answer(PAGE, "Set-Cookie: a=" + "b" * 60_000))
simple("sends_ten_thousand_cookies", "page", lambda visit: visit.answer(PAGE, *["Set-Cookie: a=b"] * 5_000))

# Bodies
simple("ends_before_the_length", "truncated", lambda visit: visit.send(HEAD + b"Content-Length: 900\r\n\r\n" + PAGE))
simple("sends_a_cut_chunk", "truncated", lambda visit: [visit.start(CHUNKED), visit.send(b"ff\r\n" + PAGE)])
simple("omits_the_last_chunk", "truncated", lambda visit: [visit.start(CHUNKED), visit.send(b"2\r\nhi\r\n")])
simple("sends_a_chunk_size_in_words", "protocol", lambda visit: [visit.start(CHUNKED), visit.send(b"big\r\n")])
simple("sends_a_negative_chunk", "protocol", lambda visit: [visit.start(CHUNKED), visit.send(b"-5\r\nhello\r\n")])
simple("sends_an_endless_body", "too_large", lambda visit: [visit.start(), visit.flood(PAGE)])
simple(
    "sends_endless_chunks",
    "too_large",
    lambda visit: [visit.start(CHUNKED), visit.flood(b"100\r\n" + b"x" * 256 + b"\r\n")],
)
simple("sends_crumbs", "protocol", lambda visit: [visit.start(CHUNKED), visit.flood(b"1\r\nx\r\n")])
simple(
    "sends_an_endless_chunk_extension",
    "protocol",
    lambda visit: [visit.start(CHUNKED), visit.send(b"5;"), visit.flood(b"a=b;")],
)
simple(
    "sends_endless_trailers",
    "protocol",
    lambda visit: [visit.start(CHUNKED), visit.send(b"0\r\n"), visit.flood(b"X-A: b\r\n")],
)
simple(
    "sends_a_chunk_of_sixteen_exabytes",
    "too_large",
    lambda visit: [visit.start(CHUNKED), visit.send(b"FFFFFFFFFFFFFFF\r\n"), visit.flood(b"x")],
)
simple("sends_a_body_with_204", "no_article", lambda visit: visit.answer(status="204 No Content"))
simple("sends_a_body_with_304", "protocol", lambda visit: visit.answer(status="304 Not Modified"))
simple("sends_part_of_the_content", "protocol", lambda visit: visit.answer(status="206 Partial Content"))
simple(
    "sends_both_chunks_and_length",
    "page",
    lambda visit: (
        [visit.start(CHUNKED, "Content-Length: 3"), visit.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE))]
    ),
)
simple("speaks_http_1_0", "page", lambda visit: visit.send(HEAD.replace(b"1.1", b"1.0") + b"\r\n" + PAGE))
simple("answers_without_reading_on", "page", lambda visit: visit.answer(PAGE, "Connection: close"))


@behaviour("timeout")
def drips_the_body(visit: Visit) -> None:
    visit.start("Content-Length: 5000")
    visit.drip(PAGE * 20)


@behaviour("timeout")
def stalls_in_the_body(visit: Visit) -> None:
    visit.start("Content-Length: 5000")
    visit.send(PAGE)
    visit.hang()


@behaviour("truncated")
def resets_in_the_body(visit: Visit) -> None:
    visit.start("Content-Length: 5000")
    visit.send(PAGE)
    visit.wait(0.1)
    visit.reset()


# Content codings
def coded(name: str, ends: str, coding: str, body: bytes) -> None:
    simple(name, ends, lambda visit: visit.answer(body, f"Content-Encoding: {coding}"))


coded("sends_a_gzip_bomb", "too_large", "gzip", bomb(200))
coded("sends_a_deflate_bomb", "too_large", "deflate", bomb(200, 15))
coded("sends_a_raw_deflate_bomb", "too_large", "deflate", bomb(200, -15))
coded("sends_gzip_in_gzip", "bad_encoding", "gzip, gzip", gzip.compress(bomb(50)))
coded("sends_brotli", "bad_encoding", "br", b"\x0b\x02\x80hello\x03")
coded("sends_zstd", "bad_encoding", "zstd", b"\x28\xb5\x2f\xfd\x04\x00")
coded("sends_an_unheard_of_coding", "bad_encoding", "x-secret", PAGE)
coded("calls_plain_text_gzip", "bad_encoding", "gzip", PAGE)
coded("calls_plain_text_deflate", "bad_encoding", "deflate", b"\xff\xff" + PAGE)
coded("sends_half_a_gzip", "truncated", "gzip", gzip.compress(PAGE * 50)[:-20])
coded("sends_one_byte_of_gzip", "truncated", "gzip", b"\x1f")
coded("sends_gzip_with_a_wrong_checksum", "bad_encoding", "gzip", gzip.compress(PAGE)[:-8] + bytes(8))
coded("sends_a_hundred_thousand_gzip_members", "bad_encoding", "gzip", gzip.compress(b"") * 100_000)
coded("sends_padding_after_gzip", "page", "gzip", gzip.compress(PAGE) + bytes(500))
coded("sends_two_gzip_members", "page", "gzip", gzip.compress(PAGE) + gzip.compress(PAGE))
coded("sends_raw_deflate", "page", "deflate", raw_deflate(PAGE))
coded("sends_zlib_deflate", "page", "DEFLATE", zlib.compress(PAGE))
coded("sends_nothing_as_gzip", "no_article", "gzip", b"")


# Redirects
def sends_to(name: str, ends: str, location: str, status: str = "302 Found") -> None:
    simple(name, ends, lambda visit: visit.answer(b"", f"Location: {location}", status=status))


sends_to("redirects_to_itself", "too_many_redirects", "/redirects_to_itself")
sends_to("redirects_to_nothing", "too_many_redirects", "")
sends_to("redirects_to_a_file", "bad_url", "file:///etc/passwd")
sends_to("redirects_to_javascript", "bad_url", "javascript:alert(1)")
sends_to("redirects_to_data", "bad_url", "data:text/html,hello")
sends_to("redirects_to_ftp", "bad_url", "ftp://ftp.invalid/a")
sends_to("redirects_to_gopher", "bad_url", "gopher://127.0.0.1:6379/_FLUSHALL")
sends_to("redirects_to_a_user", "bad_url", "http://user:secret@example.com/")
sends_to("redirects_to_a_url_without_end", "bad_url", "/" + "a" * 20_000)
sends_to("redirects_to_no_host", "bad_url", "http:///")
sends_to("redirects_to_a_bad_port", "bad_url", "http://example.com:99999/")
sends_to("redirects_to_a_private_address", "forbidden_address", "http://10.0.0.1/", "301 Moved")
sends_to(
    "redirects_to_cloud_metadata", "forbidden_address", "http://169.254.169.254/latest/meta-data/", "307 Temporary"
)
sends_to("redirects_to_a_decimal_address", "forbidden_address", "http://2886729729/", "308 Permanent")
sends_to("redirects_to_a_mapped_address", "forbidden_address", "http://[::ffff:169.254.169.254]/", "303 See Other")
sends_to("redirects_without_scheme", "forbidden_address", "//0.0.0.0/")
simple("redirects_without_location", "protocol", lambda visit: visit.answer(status="302 Found"))
simple(
    "redirects_with_an_endless_body",
    "page",
    lambda visit: ([visit.start("Location: /answers_without_reading_on", status="302 Found"), visit.flood(b"x")]),
)
simple(
    "redirects_with_bytes",
    "page",
    lambda visit: visit.answer(b"", "Location: /answers_without_reading_on?\xc3\xbc", status="302 Found"),
)


@behaviour("too_many_redirects")
def redirects_without_end(visit: Visit) -> None:
    step = int(visit.path.split("/")[1]) + 1 if "/" in visit.path else 1
    visit.answer(b"", f"Location: /redirects_without_end/{step}", status="302 Found")


@behaviour("page")
def redirects_five_times(visit: Visit) -> None:
    step = int(visit.path.split("/")[1]) + 1 if "/" in visit.path else 1
    target = "/answers_without_reading_on" if step == 5 else f"/redirects_five_times/{step}"
    visit.answer(b"", f"Location: {target}", status="302 Found")


@behaviour("timeout")
def redirects_slowly(visit: Visit) -> None:
    step = int(visit.path.split("/")[1]) + 1 if "/" in visit.path else 1
    visit.wait(0.4)
    visit.answer(b"", f"Location: /redirects_slowly/{step}", status="302 Found")


# Statuses
def says(name: str, ends: str, status: str, *fields: str) -> None:
    simple(name, ends, lambda visit: visit.answer(PAGE, *fields, status=status))


says("says_401", "login_wall", "401 Unauthorized", "WWW-Authenticate: Basic")
says("says_402", "paywall", "402 Payment Required")
says("says_403", "forbidden", "403 Forbidden")
says("says_403_with_a_challenge", "captcha", "403 Forbidden", "cf-mitigated: challenge")
says("says_404", "not_found", "404 Not Found")
says("says_410", "gone", "410 Gone")
says("says_418", "client_error", "418 I'm a teapot")
says("says_429", "rate_limited", "429 Too Many Requests", "Retry-After: 120")
says("says_429_and_garbage", "rate_limited", "429 Too Many Requests", "Retry-After: soonish")
says("says_451", "forbidden", "451 Unavailable For Legal Reasons")
says("says_500", "server_error", "500 Internal Server Error")
says("says_503_with_a_wish", "rate_limited", "503 Service Unavailable", "Retry-After: 60")


@behaviour("server_error")
def says_502_and_stalls(visit: Visit) -> None:
    visit.start("Content-Length: 900", status="502 Bad Gateway")
    visit.hang()


# Bytes that are no page
def sends(name: str, ends: str, body: bytes, kind: str = "text/html") -> None:
    simple(name, ends, lambda visit: visit.answer(body, kind=kind))


sends("sends_a_pdf", "not_html", b"%PDF-1.7\n" + bytes(500), "application/pdf")
sends("calls_a_pdf_html", "not_html", b"%PDF-1.7\n" + bytes(500))
sends("calls_a_png_html", "not_html", b"\x89PNG\r\n\x1a\n" + bytes(500))
sends("calls_a_zip_html", "not_html", b"PK\x03\x04" + bytes(500))
sends("calls_noise_html", "not_html", bytes(range(256)) * 4_000)
sends("calls_json_html", "not_html", b'{"title": "A page", "body": "<b>words"}')
sends("calls_a_feed_html", "not_html", b'<?xml version="1.0"?><rss version="2.0"><channel></channel></rss>')
sends("calls_plain_words_html", "not_html", b"just words and nothing else")
sends("sends_plain_text", "not_html", b"just words and nothing else", "text/plain")
sends("sends_a_page_as_plain_text", "page", PAGE, "text/plain")
sends("sends_a_page_as_a_stream_of_octets", "page", PAGE, "application/octet-stream")
sends("sends_white_space", "no_article", b" \r\n" * 500)
sends("sends_a_charset_that_is_a_codec", "page", PAGE, "text/html; charset=hex")
sends("sends_a_charset_that_crashes", "page", PAGE, "text/html; charset=idna")
sends("sends_a_line_of_four_megabytes", "page", PAGE + b"x" * 4 * MEGABYTE)
sends("sends_a_hundred_thousand_attributes", "page", PAGE + b"<p " + b"a=1 " * 100_000 + b">")
sends("nests_two_hundred_thousand_tags", "page", PAGE + b"<div>" * 200_000)
simple(
    "streams_audio",
    "not_html",
    lambda visit: [visit.send(HEAD.replace(b"text/html", b"audio/mpeg") + b"\r\n"), visit.flood(b"\xff")],
)
simple(
    "sends_a_download", "not_html", lambda visit: visit.answer(PAGE, "Content-Disposition: attachment; filename=a.html")
)


# Connections that are kept
POISON = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
simple("keep_well", "page", lambda visit: visit.answer())


@behaviour("page")
def keep_and_send_a_second_answer(visit: Visit) -> None:
    visit.send(HEAD + b"Content-Length: %d\r\n\r\n" % len(PAGE) + PAGE + POISON)


@behaviour("page")
def keep_for_one_answer_only(visit: Visit) -> None:
    """Says that it keeps the connection, and hangs up on whoever believes it."""
    visit.answer()
    raise ConnectionAbortedError
