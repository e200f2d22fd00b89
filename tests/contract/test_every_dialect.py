"""The same statements for every dialect: who sees what, what is said of it, and what is gone when it is deleted.

How a vendor's client phrases a request and reads an answer: ``tongues``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from callvault.dialects import registry
from callvault.model.ids import cloak
from callvault.model.party import Party
from callvault.model.recording import Direction
from callvault.wire import WireRequest
from tests.contract.neighbours import MIDNIGHT, Answer, Neighbours, neighbourhood
from tests.contract.tongues import TONGUES, Ask, Bound, Item, Tongue
from tests.contract.tongues.tongue import DAY_MS, MILLISECOND
from tests.unit.dialects.visits import TERMS, every_error
from tests.world import BASE_URL, body_of

every_tongue = pytest.mark.parametrize("tongue", TONGUES, ids=lambda tongue: tongue.name)
GONE = frozenset({404, 410})
NOWHERE = "0f" * 32


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Neighbours]:
    async with neighbourhood(tmp_path) as opened:
        yield opened


def test_every_registered_dialect_has_an_adapter() -> None:
    assert {tongue.dialect for tongue in TONGUES} == set(registry.NAMES)


# Who sees what


@every_tongue
async def test_alice_finds_opens_and_hears_what_is_hers(street: Neighbours, tongue: Tongue) -> None:
    recordings = [await street.record(started_at=MIDNIGHT + number * timedelta(hours=1)) for number in range(3)]
    items = await street.listed(tongue)
    assert {tongue.call_of(item) for item in items} == {recording.call_id for recording in recordings}
    for item in items:
        answer = await street.get(tongue, path_of(street, tongue, item))
        assert answer.status == 200
        one = tongue.found(answer.json(), street.alice)
        assert tongue.name_of(one) == tongue.name_of(item)
        assert tongue.said(one) == tongue.said(item)
        ways = tongue.listening(street.alice, item, BASE_URL)
        assert ways
        for way in ways:
            assert await hears(street, way, tongue.credentials(street.alice)), way


@every_tongue
async def test_bob_shares_alices_account(street: Neighbours, tongue: Tongue) -> None:
    hers = await street.record(user_id=None)
    his = await street.record()
    bob = await street.bobs(tongue)
    items = await street.listed(tongue, who=bob)
    assert {tongue.call_of(item) for item in items} == {hers.call_id, his.call_id}
    for item in items:
        assert (await street.get(tongue, path_of(street, tongue, item), bob)).status == 200
        for way in tongue.listening(bob, item, BASE_URL):
            assert await hears(street, way, tongue.credentials(bob)), way
        assert (await street.get(tongue, path_of(street, tongue, item), bob, "DELETE")).status == tongue.deleted
    assert await street.listed(tongue) == []


@every_tongue
async def test_charlie_sees_nothing_of_alices(street: Neighbours, tongue: Tongue) -> None:
    recording = await street.record()
    item = await street.shown(tongue, recording)
    name, call = tongue.name_of(item), tongue.call_name(recording.call_id)
    shows = tongue.credentials(street.charlie)
    assert await street.listed(tongue, who=street.charlie) == []
    hers = await street.get(tongue, tongue.recordings(street.alice), street.charlie)
    assert hers.status == tongue.foreign_account
    assert hers.status != 200 or tongue.items(hers.json()) == []
    for method in ("GET", "DELETE"):
        under_his_account = await street.get(tongue, tongue.one(street.charlie, name, call), street.charlie, method)
        assert under_his_account.status == 404
        assert tongue.is_refusal(404, *under_his_account.parsed())
        under_hers = await street.get(tongue, tongue.one(street.alice, name, call), street.charlie, method)
        assert under_hers.status in {404, tongue.foreign_account} - {200}
    for owner in (street.alice, street.charlie):
        for way in tongue.listening(owner, item, BASE_URL):
            if not is_link(way) and not (tongue.opens_by_id and owner is street.alice):
                assert not await hears(street, way, shows), way
    assert await street.world.vault.catalogue.get(recording.id) == recording


@every_tongue
async def test_a_stranger_is_told_the_same_of_what_is_alices_and_of_what_is_not(
    street: Neighbours, tongue: Tongue
) -> None:
    recording = await street.record()
    item = await street.shown(tongue, recording)
    hers = tongue.one(street.charlie, tongue.name_of(item), tongue.call_name(recording.call_id))
    absent = replace(recording, id=street.random_id(), call_id=street.random_id())
    nobodys_name = tongue.computed_name(absent, lambda core_id: cloak(core_id, street.world.vault.secrets.cloak_key))
    nobodys = tongue.one(street.charlie, nobodys_name, tongue.call_name(absent.call_id))
    told = [await street.get(tongue, target, street.charlie) for target in (hers, nobodys)]
    assert told[0].status == told[1].status == 404
    names = (
        (tongue.name_of(item), tongue.call_name(recording.call_id)),
        (nobodys_name, tongue.call_name(absent.call_id)),
    )
    texts = []
    for answer, (name, call) in zip(told, names, strict=True):
        texts.append(answer.body.decode().replace(name, "NAME").replace(call, "CALL"))
    assert texts[0] == texts[1]


@every_tongue
async def test_a_signed_link_opens_for_whoever_holds_it_and_opens_nothing_else(
    street: Neighbours, tongue: Tongue
) -> None:
    first, second = await street.record(), await street.record()
    items = [await street.shown(tongue, recording) for recording in (first, second)]
    links = [[way for way in tongue.listening(street.alice, item, BASE_URL) if is_link(way)] for item in items]
    for link, other in zip(*links, strict=True):
        for shows in ({}, tongue.credentials(street.charlie), {"Authorization": "Bearer nonsense"}):
            assert await hears(street, link, shows)
        swapped = urlsplit(link.target)._replace(path=urlsplit(other.target).path).geturl()
        assert (await street.ask(Ask(target=swapped))).status == 403
        assert (await street.ask(Ask(target=link.target[:-4] + "AAAA"))).status == 403
    street.world.now += timedelta(days=1)
    for link in links[0]:
        assert (await street.ask(link)).status == 403


@pytest.mark.parametrize("tongue", [each for each in TONGUES if each.opens_by_id], ids=lambda tongue: tongue.name)
async def test_audio_that_its_id_opens_is_heard_by_all_whatever_they_show(street: Neighbours, tongue: Tongue) -> None:
    assert tongue.opens_by_id
    item = await street.shown(tongue, await street.record())
    wrong = tongue.credentials(replace(street.alice, token=NOWHERE))
    for shows in ({}, tongue.credentials(street.charlie), wrong, {"Authorization": "Bearer of bad news"}):
        for way in tongue.listening(street.alice, item, BASE_URL):
            assert await hears(street, way, shows), way
    await street.world.vault.catalogue.change_account(street.alice.account_id, {"public_media": False})
    for way in tongue.listening(street.alice, item, BASE_URL):
        assert await hears(street, way, tongue.credentials(street.alice)), way
        for shows in ({}, tongue.credentials(street.charlie), wrong):
            answer = await street.ask(way, shows)
            assert answer.status == 401
            assert tongue.is_refusal(401, *answer.parsed())


# What is said is what was put in


@every_tongue
async def test_what_is_said_is_what_was_put_in(street: Neighbours, tongue: Tongue) -> None:
    starts = [
        "1970-01-01T00:00:00.000+00:00",
        "1999-12-31T23:59:59.999+00:00",
        "2024-02-29T12:34:56.789+00:00",
        "2026-03-01T00:00:00.001+00:00",
        "2026-03-29T01:59:59.500+00:00",
        "2026-12-31T23:59:59.999+00:00",
        "2038-01-19T03:14:08.499+00:00",
    ]
    lengths = [0, 1, 499, 500, 999, 1000, 1415, 1500, 59_999, 60_000, 3_599_999, 3_600_000, 90_061_001]
    put_in = {}
    for number, length in enumerate(lengths):
        start = MIDNIGHT.fromisoformat(starts[number % len(starts)])
        recording = await street.silent(
            started_at=start,
            duration_ms=length,
            ended_at=start + (length + 17) * MILLISECOND,
            created_at=start + (length + 1017) * MILLISECOND,
            updated_at=start + (length + 2018) * MILLISECOND,
            channels=1 + number % 2,
            direction=Direction.INBOUND if number % 3 else Direction.OUTBOUND,
            caller=Party(number="+12025550143"),
            callee=Party(number="+442079460018"),
        )
        put_in[recording.call_id] = recording
    items = await street.listed(tongue)
    assert len(items) == len(put_in)
    for item in items:
        recording = put_in[tongue.call_of(item)]
        assert tongue.said(item) == tongue.kept(recording), recording


def limits() -> list[tuple[Tongue, Bound]]:
    return [(tongue, bound) for tongue in TONGUES for bound in tongue.bounds]


@pytest.mark.parametrize(("tongue", "bound"), limits(), ids=lambda value: getattr(value, "about", None) or value.name)
async def test_a_bound_is_inclusive_or_exclusive_as_documented(
    street: Neighbours, tongue: Tongue, bound: Bound
) -> None:
    offsets = (-DAY_MS, -1001, -1000, -999, -1, 0, 1, 999, 1000, 1001, DAY_MS - 1, DAY_MS, DAY_MS + 1)
    values = [MIDNIGHT]
    if not bound.midnight:
        values.append(MIDNIGHT + timedelta(seconds=3671))
    if not bound.whole_seconds:
        values.append(MIDNIGHT + timedelta(seconds=86_000, milliseconds=114))
    for value in values:
        calls = {}
        for offset in offsets:
            at = value + offset * MILLISECOND
            moments = dict.fromkeys(("started_at", "ended_at", "created_at", "updated_at"), value)
            recording = await street.silent(**moments | {bound.axis: at}, taken_in_at=value)
            calls[recording.call_id] = offset
        found = await street.listed(tongue, bound.query(value))
        within = {calls[call] for call in map(tongue.call_of, found) if call in calls}
        assert within == {offset for offset in offsets if bound.holds(offset)}, value
        for call in calls:
            (made,) = [entry for entry in await street.listed(TONGUES[-1]) if TONGUES[-1].call_of(entry) == call]
            await street.get(TONGUES[-1], path_of(street, TONGUES[-1], made), method="DELETE")


# Deleted is gone


@every_tongue
async def test_deleted_in_one_tongue_is_gone_in_all(street: Neighbours, tongue: Tongue) -> None:
    recording, kept = await street.record(), await street.record()
    shown = {other.name: await street.shown(other, recording) for other in TONGUES}
    ways = {other.name: other.listening(street.alice, shown[other.name], BASE_URL) for other in TONGUES}
    for other in TONGUES:  # so that a rendition lies in the cache
        for way in ways[other.name]:
            assert await hears(street, way, other.credentials(street.alice))
    answer = await street.get(tongue, path_of(street, tongue, shown[tongue.name]), method="DELETE")
    assert answer.status == tongue.deleted
    for other in TONGUES:
        assert [other.call_of(item) for item in await street.listed(other)] == [kept.call_id], other.name
        target = path_of(street, other, shown[other.name])
        for method in ("GET", "DELETE"):
            gone = await street.get(other, target, method=method)
            assert gone.status in GONE, (other.name, method)
            assert other.is_refusal(gone.status, *gone.parsed())
        for way in ways[other.name]:
            assert (await street.ask(way, other.credentials(street.alice))).status in GONE, way
    folder = street.world.folder
    left = [
        path.name for path in folder.rglob("*") if path.is_file() and recording.id.hex in str(path).replace("-", "")
    ]
    assert left == []


# Ids that a vendor gave


@pytest.mark.parametrize(
    "tongue", [each for each in TONGUES if not each.without_foreign_ids], ids=lambda tongue: tongue.name
)
async def test_a_recording_keeps_answering_to_the_id_under_which_it_came(street: Neighbours, tongue: Tongue) -> None:
    name, call = tongue.foreign_recording, tongue.foreign_call
    foreign = {tongue.dialect: {"recording": name, "call": call}}
    hers = await street.record(foreign=foreign)
    his = await street.record(street.charlie, foreign=foreign, caller=Party(number="+12025550177"))
    computed = tongue.computed_name(hers, lambda core_id: cloak(core_id, street.world.vault.secrets.cloak_key))
    for owner in (street.alice, street.charlie):
        (item,) = await street.listed(tongue, who=owner)
        assert tongue.name_of(item) == name
        answer = await street.get(tongue, tongue.one(owner, name, call), owner)
        assert answer.status == 200
        assert tongue.name_of(tongue.found(answer.json(), owner)) == name
        for way in tongue.listening(owner, item, BASE_URL):
            assert await hears(street, way, tongue.credentials(owner)), way
    by_core_id = await street.get(tongue, tongue.one(street.alice, computed, tongue.call_name(hers.call_id)))
    assert by_core_id.status == 200
    for other in TONGUES:
        if other.dialect != tongue.dialect:
            target = other.one(street.alice, name, other.call_name(hers.call_id))
            assert (await street.get(other, target)).status == 404, other.name
    assert (await street.get(tongue, tongue.one(street.alice, name, call), method="DELETE")).status == tongue.deleted
    assert (await street.get(tongue, tongue.one(street.alice, name, call))).status == 404
    assert (await street.get(tongue, tongue.one(street.charlie, name, call), street.charlie)).status == 200
    assert await street.world.vault.catalogue.get(his.id) == his


# Refusals


@every_tongue
async def test_every_class_of_error_is_refused_in_the_vendors_shape(street: Neighbours, tongue: Tongue) -> None:
    dialect = next(dialect for dialect in registry.load() if dialect.name == tongue.dialect)
    target = tongue.recordings(street.alice)
    for error in every_error():
        reply = dialect.refuse(error, request_to(street, target), TERMS)
        answer = Answer(status=reply.status, headers=dict(reply.headers), body=await body_of(reply), is_audio=False)
        assert 400 <= answer.status <= 599, error
        assert tongue.is_refusal(answer.status, *answer.parsed()), (error, answer.body)
        assert ("www-authenticate" in answer.headers) == (answer.status == 401), error


@every_tongue
async def test_a_credential_that_proves_nothing_is_refused_with_a_challenge(street: Neighbours, tongue: Tongue) -> None:
    await street.record()
    target = tongue.recordings(street.alice)
    wrong = [
        {},
        tongue.credentials(replace(street.alice, token=NOWHERE)),
        tongue.credentials(replace(street.alice, token=street.alice.token[:-1] + "0")),
        tongue.credentials(replace(street.alice, token=street.alice.token[:-1])),
        tongue.credentials(replace(street.alice, token=street.alice.token + "0")),
        tongue.credentials(replace(street.alice, token="")),
        tongue.credentials(replace(street.alice, token=street.alice.token.upper())),
        {"Authorization": ""},
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer " + "\xff" * 64},
        {"Authorization": "Digest username=alice"},
        {"X-Auth-Token": NOWHERE},
    ]
    for shows in wrong:
        answer = await street.ask(Ask(target=target), shows)
        assert answer.status == 401, shows
        assert tongue.is_refusal(401, *answer.parsed()), answer.body
        assert answer.headers["www-authenticate"]


@every_tongue
async def test_what_is_not_offered_is_refused_in_the_vendors_shape(street: Neighbours, tongue: Tongue) -> None:
    target = tongue.recordings(street.alice).partition("?")[0]
    verb = await street.get(tongue, target, method="TRACE")
    assert verb.status == 405
    assert "GET" in verb.headers["allow"].split(", ")
    assert tongue.is_refusal(405, *verb.parsed())
    nowhere = await street.get(tongue, target + "/there/is/no/such/thing.json")
    assert nowhere.status == 404
    assert tongue.is_refusal(404, *nowhere.parsed())


# The means


def path_of(street: Neighbours, tongue: Tongue, item: Item) -> str:
    """The recording that an item shows, under Alice's account."""
    call = item.get("callId") or tongue.call_name(tongue.call_of(item))
    return tongue.one(street.alice, tongue.name_of(item), call)


def request_to(street: Neighbours, target: str) -> WireRequest:
    """A request for this, as the server makes one."""
    path = target.partition("?")[0]
    return WireRequest(method="GET", path=path, parts=street.world.router.match("GET", path).parts)


def is_link(way: Ask) -> bool:
    """Whether a way to audio carries its own permission."""
    return "signature=" in way.target


async def hears(street: Neighbours, way: Ask, shows: dict[str, str]) -> bool:
    """Whether it leads to audio, by a redirect or at once."""
    answer = await street.ask(way, shows)
    if answer.status == 307:
        answer = await street.ask(Ask(target=answer.headers["location"].removeprefix(BASE_URL)))
    assert answer.is_audio == (answer.status == 200)
    return answer.status == 200 and len(answer.body) > 100
