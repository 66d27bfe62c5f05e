"""Addresses behind Sentinel: read once, spelled for redis-py and for kombu, never half understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kombu import Connection

from shared.broker import kombu_url, make_app
from shared.sentinel import PORT, parse

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


def test_a_whole_address():
    found = parse("rediss+sentinel://anna:a%2Fb%40c@one:1,[::1]:2,three/main/4?sentinel_password=s&ssl_ca_certs=/x.pem")
    assert found is not None
    assert found.hosts == (("one", 1), ("::1", 2), ("three", PORT))
    assert (found.service, found.db, found.username, found.password) == ("main", 4, "anna", "a/b@c")
    assert (found.sentinel_password, found.tls, found.ca_file) == ("s", True, "/x.pem")


@pytest.mark.parametrize("url", ["redis://h/0", "rediss://h", "unix:///s", "amqp://h//", ""])
def test_other_addresses_are_none(url):
    assert parse(url) is None


@pytest.mark.parametrize("url", ["redis+sentinel://", "redis+sentinel://h", "redis+sentinel://h/", "redis+sentinel://h/s/x", "redis+sentinel://:1/s"])  # fmt: skip
def test_what_is_not_whole_is_refused_with_the_form_it_should_have(url):
    with pytest.raises(ValueError, match=r"redis\+sentinel://|no host of a Sentinel"):
        parse(url)


@given(user=TEXT, password=TEXT)
def test_any_user_and_password_reach_kombu_as_they_are(user, password):
    from urllib.parse import quote

    address = parse(f"redis+sentinel://{quote(user, safe='')}:{quote(password, safe='')}@h:1/main/2")
    assert address is not None
    assert (address.username, address.password) == (user, password)
    connection = Connection(address.kombu)
    assert (connection.userid, connection.password) == (user, password)
    assert (connection.hostname, connection.port, connection.virtual_host) == ("h", 1, "2")


def test_the_broker_is_told_the_service_the_sentinels_password_and_tls():
    app = make_app("test", "rediss+sentinel://:p@h:1/main/0?sentinel_password=s&ssl_ca_certs=/x.pem")
    options = app.conf.broker_transport_options
    assert options["master_name"] == "main"
    trust = {"ssl_cert_reqs": "required", "ssl_ca_certs": "/x.pem"}
    told = options["sentinel_kwargs"]
    assert {**told, "ssl": True, "password": "s", **trust} == told
    assert told["retry"] is None, "the next one is asked at once"
    assert app.conf.broker_use_ssl == trust
    assert not make_app("test", "redis+sentinel://h:1/main").conf.broker_use_ssl


@pytest.mark.parametrize(
    ("url", "spelled"),
    [
        ("redis://:p@h:1/0", "redis://:p@h:1/0"),
        ("rediss://h:1/0", "rediss://h:1/0?ssl_cert_reqs=required"),
        ("rediss://h:1/0?ssl_ca_certs=/x", "rediss://h:1/0?ssl_ca_certs=/x&ssl_cert_reqs=required"),
        ("rediss://h:1/0?ssl_cert_reqs=none", "rediss://h:1/0?ssl_cert_reqs=none"),
        ("amqp://u:p@h//", "amqp://u:p@h//"),
    ],
)
def test_kombu_is_told_to_look_at_certificates(url, spelled):
    assert kombu_url(url) == spelled
