"""Where a notice may go: public addresses, redirects within the rules, and certificates that are good for the name."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest

from callvault.model.destination import Address
from callvault.model.hook import Failure
from callvault.model.notice import Rules
from callvault.webhooks.guard import Resolve
from tests.contract.webhooks.sending import RULES, a_notice, a_sender, sent
from tests.receiver import Answer, Received, Receiver, receiving
from tests.system.authority import Certificates, certify


def names(**hosts: Sequence[str]) -> Resolve:
    """A resolver that knows these names, each with its answers: the first to the first question, and so on."""
    asked: dict[str, int] = {}

    async def resolve(host: str, _: int) -> Sequence[Address]:
        turn = asked[host] = asked.get(host, -1) + 1
        answers = hosts[host.partition(".")[0]]
        return tuple(ip_address(text) for text in answers[min(turn, len(answers) - 1)].split())

    return resolve


# Where it may go


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1", "2130706433",
     "0x7f000001", "localhost", "[64:ff9b::7f00:1]"],
)  # fmt: skip
async def test_nothing_goes_to_an_address_that_is_not_public(host: str) -> None:
    with receiving() as receiver:
        told = await sent(f"http://{host}:{receiver.port}/", allowed="")
    assert receiver.requests == []
    assert told.outcome.failure is Failure.FORBIDDEN
    assert "hook_networks" in (told.attempt.error or "")


@pytest.mark.parametrize("addresses", ["127.0.0.1", "::1", "10.1.2.3", "169.254.169.254", "::ffff:127.0.0.1"])
async def test_nor_under_a_name_that_leads_there(addresses: str) -> None:
    with receiving() as receiver:
        told = await sent(f"http://inner.example.org:{receiver.port}/", allowed="", resolve=names(inner=[addresses]))
    assert receiver.requests == []
    assert told.outcome.failure is Failure.FORBIDDEN


async def test_a_name_that_leads_elsewhere_the_second_time_is_not_asked_twice() -> None:
    """DNS rebinding: what was checked is what is connected to."""
    with receiving() as receiver:
        rebinding = names(rebind=["127.0.0.7", "127.0.0.1"])
        told = await sent(f"http://rebind.example.org:{receiver.port}/", allowed="127.0.0.7", resolve=rebinding)
    assert receiver.requests == []
    assert told.outcome.failure is Failure.UNREACHABLE, "nobody listens at the address that was checked"


async def test_of_several_addresses_those_that_may_are_tried_in_turn() -> None:
    with receiving() as receiver:
        several = names(several=["10.0.0.1 127.0.0.7 127.0.0.1"])
        told = await sent(f"http://several.example.org:{receiver.port}/", resolve=several)
    assert told.outcome.status == 204
    assert receiver.requests[0].headers["host"] == f"several.example.org:{receiver.port}"


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url(""))
        assert (await sent(receiver.url())).outcome.status == 204
    assert proxy.requests == []


async def test_a_name_server_that_is_silent_keeps_nobody_waiting_for_ever() -> None:
    async def never(_: str, __: int) -> Sequence[Address]:
        await asyncio.sleep(60)
        return ()

    told = await sent("http://slow.example.org/", Rules(timeout_s=5, connect_s=0.1, pauses_s=()), resolve=never)
    assert told.outcome.failure is Failure.UNREACHABLE


# Redirects

FOLLOWING = Rules(timeout_s=5, pauses_s=(), redirects=3)


def leading_to(target: str, status: int = 302) -> Receiver:
    """What answers ``/hook`` with a redirect and everything else with 200."""

    def answer(request: Received) -> Answer:
        if request.path == "/hook":
            return Answer(status=status, headers=(("Location", target),))
        return Answer(status=200)

    return Receiver(answer=answer)


async def test_a_redirect_is_an_answer_unless_the_rules_follow_it() -> None:
    with receiving(leading_to("/there").answer) as receiver:
        told = await sent(receiver.url())
    assert told.outcome.status == 302
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_with_verb_and_body(status: int) -> None:
    with receiving(leading_to("/there?a=b", status).answer) as receiver:
        told = await sent(receiver.url(), FOLLOWING)
    assert told.outcome.status == 200
    first, second = receiver.requests
    assert (second.method, second.target, second.body) == ("POST", "/there?a=b", first.body)
    assert told.attempt.url == receiver.url("/there?a=b")


async def test_so_many_redirects_and_no_more() -> None:
    with receiving(lambda _: Answer(status=302, headers=(("Location", "/hook"),))) as receiver:
        told = await sent(receiver.url(), FOLLOWING)
    assert told.outcome.status == 302
    assert len(receiver.requests) == 4


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "10.0.0.1"])
async def test_every_hop_passes_the_guard(host: str) -> None:
    with receiving() as inner, receiving(host="127.0.0.7") as outer:
        outer.answer = leading_to(f"http://{host}:{inner.port}/inner").answer
        told = await sent(outer.url(), FOLLOWING, allowed="127.0.0.7")
    assert len(outer.requests) == 1
    assert inner.requests == []
    assert told.outcome.failure is Failure.FORBIDDEN


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://a:b@127.0.0.1/"])
async def test_a_redirect_to_what_is_no_place_for_a_notice_is_refused(target: str) -> None:
    with receiving(leading_to(target).answer) as receiver:
        told = await sent(receiver.url(), FOLLOWING)
    assert told.outcome.failure is Failure.FORBIDDEN


async def test_credentials_do_not_follow_to_another_host() -> None:
    with receiving() as other, receiving() as receiver:
        receiver.answer = leading_to(other.url("/there")).answer
        async with a_sender() as sender:
            told = await sender.send(a_notice(receiver.url()), FOLLOWING, authorization="Basic cnV0aDp0ZWE=")
        assert told.outcome.status == 204
        assert "authorization" in receiver.requests[0].headers
        assert "authorization" not in other.requests[0].headers
        assert other.requests[0].headers["host"] == f"127.0.0.1:{other.port}"


# TLS


def certified(folder: Path) -> tuple[Certificates, ssl.SSLContext]:
    made = certify(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made.certificate, made.key)
    return made, context


async def test_a_certificate_is_checked_against_the_name_and_an_authority(tmp_path: Path) -> None:
    made, tls = certified(tmp_path)
    with receiving(tls=tls) as receiver:
        local = names(localhost=["127.0.0.1"], stranger=["127.0.0.1"])
        url = f"https://localhost:{receiver.port}/hook"
        untrusted = await sent(url, resolve=local)
        assert untrusted.outcome.failure is Failure.UNREACHABLE
        async with a_sender(resolve=local, authorities=str(made.authority)) as sender:
            assert (await sender.send(a_notice(url), RULES)).outcome.status == 204
            other = await sender.send(a_notice(f"https://stranger.example.org:{receiver.port}/"), RULES)
            assert other.outcome.failure is Failure.UNREACHABLE
            assert "certificate" in (other.attempt.error or "").lower()
    assert len(receiver.requests) == 1


async def test_nothing_is_led_from_https_to_http(tmp_path: Path) -> None:
    made, tls = certified(tmp_path)
    with receiving() as plain, receiving(tls=tls) as receiver:
        receiver.answer = leading_to(plain.url("/there")).answer
        async with a_sender(authorities=str(made.authority)) as sender:
            told = await sender.send(a_notice(f"https://localhost:{receiver.port}/hook"), FOLLOWING)
    assert told.outcome.failure is Failure.FORBIDDEN
    assert plain.requests == []
