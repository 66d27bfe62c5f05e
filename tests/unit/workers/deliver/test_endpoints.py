"""Endpoints are read from a document, and every fault is named with its block and field."""

from __future__ import annotations

import pytest

from shared.settings import Settings
from workers.deliver.catalogue import endpoints, keys_of
from workers.deliver.core import EndpointError, SecretError, read

GOOD = {"name": "desk", "url": "https://hooks.example.org/x?key=hush", "owner": "News desk", "secret": "env:DESK"}
LOCAL = {**GOOD, "url": "http://127.0.0.1:8000/", "allow_networks": ["127.0.0.0/8"]}


def one(**changes: object):
    (found,) = read({"endpoint": [{**GOOD, **changes}]}, topics=("rare_earth", "lithium"), facets=("laws",))
    return found


def test_a_plain_endpoint_reads_the_first_topic_and_lies_on_the_public_web():
    endpoint = one()
    assert (endpoint.stream, endpoint.group) == ("rarewire:rare-earth:v1", "webhook-desk")
    assert (endpoint.host, endpoint.port, endpoint.allow_networks) == ("hooks.example.org", 443, ())


def test_a_topic_and_a_filtered_stream_may_be_chosen():
    assert one(topic="lithium", facet="laws").stream == "rarewire:lithium:v1:only:laws"


def test_an_address_is_shown_without_what_may_be_secret_in_it():
    assert one().shown_url == "https://hooks.example.org/…"
    assert one(url="https://hooks.example.org").shown_url == "https://hooks.example.org/"


def test_a_private_network_is_named_and_then_http_will_do():
    endpoint = one(url="http://10.1.2.3:8080/in", allow_networks=["10.1.0.0/16"])
    assert (endpoint.port, str(endpoint.allow_networks[0])) == (8080, "10.1.0.0/16")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"url": "http://hooks.example.org/"}, "url: must be https"),
        ({"url": "ftp://hooks.example.org/"}, "url: only http and https"),
        ({"url": "https://me:pw@hooks.example.org/"}, "url: a URL with a user name"),
        ({"url": "http://10.2.0.1/", "allow_networks": ["10.1.0.0/16"]}, "lies in none of allow_networks"),
        ({"allow_networks": ["8.8.8.0/24"]}, "8.8.8.0/24 is no private network"),
        ({"allow_networks": ["0.0.0.0/0"]}, "is no private network"),
        ({"allow_networks": ["169.254.0.0/16"]}, "is no private network"),
        ({"allow_networks": ["::/0"]}, "is no private network"),
        ({"allow_networks": ["10.0.0.1/8"]}, "allow_networks"),
        ({"secret": "whsec_abcdefghijklmnopqrstuvwxyz"}, "never the secret itself"),
        ({"secret": "file:relative"}, "never the secret itself"),
        ({"name": "Desk"}, r"endpoint 1 \(Desk\): name"),
        ({"owner": " "}, "owner"),
        ({"topic": "gold"}, "topic: 'gold' is not published; there are rare_earth, lithium"),
        ({"facet": "wars"}, "facet: no filtered stream 'wars'; there are laws"),
        ({"timeout": 300}, "timeout"),
        ({"retries": 3}, "retries: Extra inputs"),
    ],
)
def test_a_fault_is_named(changes, why):
    with pytest.raises(EndpointError, match=why) as caught:
        one(**changes)
    assert "whsec_" not in str(caught.value)
    assert "pw" not in str(caught.value)


def test_a_name_is_given_once_and_there_is_nothing_but_endpoints():
    with pytest.raises(EndpointError, match=r"endpoint 2 \(desk\): name: another"):
        read({"endpoint": [GOOD, GOOD]}, topics=("rare_earth",))
    for document in ({}, {"endpoint": []} | {"feed": []}, {"endpoint": "x"}, {"endpoint": ["x"]}):
        with pytest.raises(EndpointError, match="nothing else"):
            read(document, topics=("rare_earth",))


def test_the_file_of_the_settings_is_read_and_its_faults_name_it(tmp_path):
    file = tmp_path / "hooks.toml"
    settings = Settings(webhooks_file=file)
    assert endpoints(Settings()) == ()
    with pytest.raises(EndpointError, match=r"hooks\.toml: cannot be read"):
        endpoints(settings)
    for text, why in ((b"\xff", "UTF-8"), (b"[", "TOML"), (b"[[endpoint]]\nname='a'", "endpoint 1")):
        file.write_bytes(text)
        with pytest.raises(EndpointError, match=rf"hooks\.toml: .*{why}"):
            endpoints(settings)


def test_a_secret_is_read_anew_from_its_file_each_time(tmp_path):
    file = tmp_path / "secret"
    endpoint = one(secret=f"file:{file}")
    for content, count in (("whsec_" + "A" * 32, 1), ("whsec_" + "B" * 32 + "\nwhsec_" + "A" * 32, 2)):
        file.write_text(content)
        assert len(keys_of(endpoint)) == count


def test_a_secret_that_is_not_there_is_named_by_its_place(tmp_path, monkeypatch):
    monkeypatch.setenv("DESK", "whsec_" + "A" * 32)
    assert len(keys_of(one())) == 1
    monkeypatch.delenv("DESK")
    with pytest.raises(SecretError, match=r"^env:DESK: the variable is not set"):
        keys_of(one())
    with pytest.raises(SecretError, match="cannot be read"):
        keys_of(one(secret=f"file:{tmp_path}/none"))
