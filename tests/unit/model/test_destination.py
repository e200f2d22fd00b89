"""Which addresses a notice may go to, and which URLs can be a hook's."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from callvault.errors import BadRequest, OperatorError
from callvault.model.destination import LONGEST_URL, check_url, check_url_and_credentials, may_receive, read_networks

SPECIAL = [
    "0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "127.0.0.1", "127.255.0.9", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "192.169.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("text", SPECIAL)
def test_what_is_not_public_receives_nothing(text: str) -> None:
    assert not may_receive(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_public_does(text: str) -> None:
    assert may_receive(ip_address(text))


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", False),
        ("10.20.30.40", True),
        ("10.21.0.1", False),
        ("::1", True),
        ("fd12::9", True),
        ("fe80::1", False),
        ("::ffff:127.0.0.1", True),
        ("64:ff9b::7f00:1", True),
        ("8.8.8.8", True),
    ],
)
def test_the_operator_may_allow_more(text: str, allowed: bool) -> None:
    networks = read_networks(" 127.0.0.1, 10.20.0.0/16,::1 , fd00::/8,")
    assert may_receive(ip_address(text), networks) is allowed


def test_a_network_that_is_none_stops_the_start() -> None:
    assert read_networks("") == ()
    for text in ("10.0.0.1/8", "localhost", "10.0.0.0/33", "127.0.0.1;::1"):
        with pytest.raises(OperatorError, match="hook_networks"):
            read_networks(text)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.org/a?b=c#rt=500",
        "http://hooks.example.org:8080",
        "https://[2606:4700::1111]/",
        "https://8.8.8.8:8443/x",
    ],
)
def test_a_url_that_can_be_called(url: str) -> None:
    assert check_url(url, "url") == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.org/a",
        "ftp://hooks.example.org/a",
        "file:///etc/passwd",
        "https:///a",
        "https://",
        "https://user:secret@hooks.example.org/",
        "https://user@hooks.example.org/",
        "https://hooks.example.org:0/",
        "https://hooks.example.org:65536/",
        "https://hooks.example.org:x/",
        "https://[::1/",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/a\n",
        "https://höoks.example.org/",
        "https://hooks.example.org/" + "a" * LONGEST_URL,
        "http://127.0.0.1/",
        "http://[::1]:9/",
        "http://169.254.169.254/latest",
        "http://10.0.0.1",
        "http://[::ffff:127.0.0.1]/",
    ],
)
def test_a_url_that_cannot(url: str) -> None:
    with pytest.raises(BadRequest) as refused:
        check_url(url, "failover_url")
    assert refused.value.field == "failover_url"


def test_an_address_that_the_operator_allows_can_be_called() -> None:
    assert check_url("http://127.0.0.1:9/", "url", read_networks("127.0.0.0/8"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("ftp://ruth:tea@keep.example.org/", "ftp://keep.example.org/"),
        ("https://ruth:t@e@:99999999/calls", "https://:99999999/calls"),
        ("https://ruth:tea@[::1/", "https://[::1/"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_sentence_about_a_url_that_is_none_does_not_quote_its_password(url: str, shown: str) -> None:
    with pytest.raises(BadRequest) as caught:
        check_url(url, "url")
    assert repr(shown) in str(caught.value)
    assert "tea" not in str(caught.value)


def test_where_a_file_goes_a_name_and_a_password_may_stand() -> None:
    url = "https://ruth:tea@keep.example.org/calls"
    assert check_url_and_credentials(url, "url") == url


@pytest.mark.parametrize(
    "url",
    [
        "https://ruth:tea@10.0.0.1/",
        "https://ruth:tea@[::1/",
        "ftp://ruth:tea@a.example/",
        "https://ruth:te\u0301a@a.example/",
        f"https://ruth:{'t' * 2000}ea@a.example/",
    ],
)
def test_a_name_and_a_password_make_no_place_better(url: str) -> None:
    with pytest.raises(BadRequest) as caught:
        check_url_and_credentials(url, "url")
    assert "tea" not in str(caught.value)
