"""Which trunk a call is of: by address, by password, by certificate, and by all that a trunk names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

import pytest

from callvault.capture.siprec.admission import Admission, Caller, Challenged
from callvault.capture.trunks.table import TrunkTable
from callvault.errors import NotAllowed
from callvault.model.trunk import REALM, Trunk
from callvault.protocols.sip.digest import NONCE_LIFETIME_S, Algorithm, digest, ha1
from callvault.protocols.sip.flow import Flow, Transport
from callvault.protocols.sip.headers import Headers
from callvault.protocols.sip.message import Request
from callvault.vault.trunks import digests_of
from tests.unit.capture.trunks.added import ACCOUNT, MOMENT, SECRETS, a_trunk

NOW = 1_700_000_000.0


def table(*trunks: Trunk) -> Admission:
    known = TrunkTable(lambda trunk: digests_of(trunk, SECRETS))
    known.take_over(trunks)
    return Admission(known, b"a key")


def caller(host: str = "192.0.2.7", *, names: Sequence[str] = (), authorization: str | None = None) -> Caller:
    flow = Flow(transport=Transport.TLS, host=host, port=40000, local_host="192.0.2.1", local_port=5061)
    fields = (("Authorization", authorization),) if authorization else ()
    request = Request(method="INVITE", uri="sip:recorder@192.0.2.1", headers=Headers(fields=fields))
    return Caller(request=request, flow=flow, names=tuple(names))


def answer_to(challenge: Challenged, user: str, password: str, algorithm: Algorithm = Algorithm.SHA_256) -> str:
    value = next(value for value in challenge.values if f"algorithm={algorithm}" in value)
    found = re.search(r'nonce="([^"]+)"', value)
    assert found is not None
    secret = ha1(algorithm, user=user, realm=REALM, password=password)
    ha2 = digest(algorithm, "INVITE:sip:recorder@192.0.2.1")
    response = digest(algorithm, f"{secret}:{found[1]}:00000001:c:auth:{ha2}")
    return (
        f'Digest username="{user}", realm="{REALM}", nonce="{found[1]}", uri="sip:recorder@192.0.2.1", qop=auth, '
        f'nc=00000001, cnonce="c", response="{response}", algorithm={algorithm}'
    )


def challenge(admission: Admission, who: Caller | None = None, now: float = NOW) -> Challenged:
    with pytest.raises(Challenged) as caught:
        admission.admit(who or caller(), now)
    return caught.value


@pytest.mark.parametrize("host", ["192.0.2.7", "::ffff:192.0.2.7"])
def test_by_address(host: str) -> None:
    admission = table(a_trunk("sbc", networks=["192.0.2.0/24"]))
    assert admission.admit(caller(host), NOW).name == "sbc"
    with pytest.raises(NotAllowed, match=r"tls:198\.51\.100\.9:40000"):
        admission.admit(caller("198.51.100.9"), NOW)


def test_the_narrowest_network_counts() -> None:
    admission = table(a_trunk("wide", networks=["192.0.0.0/16"]), a_trunk("narrow", networks=["192.0.2.7"]))
    assert admission.admit(caller(), NOW).name == "narrow"
    assert admission.admit(caller("192.0.9.9"), NOW).name == "wide"


@pytest.mark.parametrize("algorithm", Algorithm)
def test_by_password(algorithm: Algorithm) -> None:
    admission = table(a_trunk("one", username="one", password="1"), a_trunk("two", username="two", password="2"))
    asked = challenge(admission)
    for name, password in (("one", "1"), ("two", "2")):
        shown = answer_to(asked, name, password, algorithm)
        assert admission.admit(caller(authorization=shown), NOW + 1).name == name
    challenge(admission, caller(authorization=answer_to(asked, "one", "2", algorithm)))


def test_an_answer_is_good_for_whom_it_was_asked_and_for_its_time() -> None:
    admission = table(a_trunk("one", username="one", password="1"))
    shown = answer_to(challenge(admission), "one", "1")
    late = challenge(admission, caller(authorization=shown), NOW + NONCE_LIFETIME_S + 1)
    assert all("stale=true" in value for value in late.values)
    elsewhere = challenge(admission, caller("192.0.2.8", authorization=shown))
    assert not any("stale" in value for value in elsewhere.values)


def test_by_certificate() -> None:
    admission = table(a_trunk("sbc", certificate="sbc.example.net"))
    assert admission.admit(caller(names=["SBC.example.net"]), NOW).name == "sbc"
    with pytest.raises(NotAllowed, match=r"with the certificate of other\.example\.net"):
        admission.admit(caller(names=["other.example.net"]), NOW)


def test_every_proof_that_is_named_has_to_be_given() -> None:
    admission = table(
        a_trunk("all", networks=["192.0.2.7"], certificate="sbc.example.net", username="all", password="x")
    )
    for stranger in (caller(), caller("192.0.2.8", names=["sbc.example.net"])):
        with pytest.raises(NotAllowed):
            admission.admit(stranger, NOW)
    shown = answer_to(challenge(admission, caller(names=["sbc.example.net"])), "all", "x")
    assert admission.admit(caller(names=["sbc.example.net"], authorization=shown), NOW).name == "all"
    with pytest.raises(NotAllowed):
        admission.admit(caller(authorization=shown), NOW)


def test_who_is_known_by_address_is_not_asked_for_somebody_elses_password() -> None:
    admission = table(a_trunk("road", username="road", password="x"), a_trunk("sbc", networks=["192.0.2.7"]))
    assert admission.admit(caller(), NOW).name == "sbc"
    assert challenge(admission, caller("198.51.100.9")).values


def test_a_trunk_that_names_no_proof_admits_nobody() -> None:
    bare = Trunk(id=UUID(int=1), account_id=ACCOUNT, name="bare", created_at=MOMENT, updated_at=MOMENT)
    with pytest.raises(NotAllowed):
        table(bare).admit(caller(names=["x"]), NOW)


@pytest.mark.parametrize("shown", ["Basic abc", 'Digest username="one"', "Digest", "x" * 5000])
def test_credentials_that_are_none_are_as_none(shown: str) -> None:
    challenge(table(a_trunk("one", username="one", password="1")), caller(authorization=shown))
