"""Recordings one by one: what goes in comes out, whose it is, what names it, and who may change it, on every engine."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import pytest

from callvault.catalogue.verbs import Verbs
from callvault.errors import BadRequest, Conflict, NotFound
from callvault.model.actor import Account
from callvault.model.party import Party
from callvault.model.query import RecordingQuery, Span
from callvault.model.recording import Recording, Status
from tests.catalogues import T0, a_transcription, an_id, everything_said, recording


async def test_every_field_comes_out_as_it_went_in(catalogue: Verbs, alice: Account) -> None:
    entry = everything_said(alice)
    default = recording(alice)
    silent = [field.name for field in fields(Recording) if getattr(entry, field.name) == getattr(default, field.name)]
    assert set(silent) <= {
        "account_id",
        "duration_ms",
        "started_at",
        "ended_at",
        "created_at",
        "updated_at",
        "taken_in_at",
    }
    added = await catalogue.add(entry)
    assert (added.recording, added.fresh) == (entry, True)
    assert await catalogue.get(entry.id) == entry
    assert (await catalogue.find(RecordingQuery(account_id=alice.id))).items == (entry,)


async def test_what_nobody_said_stays_unknown(catalogue: Verbs, alice: Account) -> None:
    entry = recording(alice, ended_at=None)
    await catalogue.add(entry)
    assert await catalogue.get(entry.id) == entry


async def test_alice_owns_and_charlie_sees_nothing(catalogue: Verbs, alice: Account, charlie: Account) -> None:
    entry = recording(alice, foreign={"bird": {"recording": "b-1"}})
    await catalogue.add(entry, intake_key="k")
    assert await catalogue.get(entry.id, account_id=alice.id) == entry
    assert await catalogue.get(entry.id, account_id=charlie.id) is None
    assert await catalogue.get(entry.id, account_id=uuid4()) is None
    assert await catalogue.taken(charlie.id, "k") is None
    assert await catalogue.resolve(charlie.id, "bird", "recording", "b-1") is None
    assert (await catalogue.find(RecordingQuery(account_id=charlie.id, with_total=True))).total == 0
    with pytest.raises(NotFound):
        await catalogue.change(replace(entry, account_id=charlie.id), expected=1)
    assert await catalogue.get(entry.id) == entry


async def test_bob_shares_alice_s_account_and_his_own_are_told_apart(catalogue: Verbs, alice: Account) -> None:
    bob = an_id()
    hers, his = recording(alice), recording(alice, user_id=bob)
    await catalogue.add_all([hers, his])
    everybody = await catalogue.find(RecordingQuery(account_id=alice.id))
    assert {entry.id for entry in everybody.items} == {hers.id, his.id}
    assert (await catalogue.find(RecordingQuery(account_id=alice.id, user_id=bob))).items == (his,)


async def test_a_recording_needs_an_account(catalogue: Verbs) -> None:
    with pytest.raises(NotFound):
        await catalogue.add(recording(uuid4()))
    with pytest.raises(NotFound):
        await catalogue.add_all([recording(uuid4())])


async def test_an_id_is_taken_once(catalogue: Verbs, alice: Account, charlie: Account) -> None:
    entry = recording(alice)
    await catalogue.add(entry)
    for other in (entry, recording(charlie, id=entry.id)):
        with pytest.raises(Conflict):
            await catalogue.add(other)
        with pytest.raises(Conflict):
            await catalogue.add_all([recording(alice), other])
    assert (await catalogue.find(RecordingQuery(account_id=alice.id, with_total=True))).total == 1


async def test_times_are_kept_to_the_millisecond_and_the_answer_says_so(catalogue: Verbs, alice: Account) -> None:
    fine = datetime.fromisoformat("2026-03-01T10:00:00.123999+01:00")
    said = a_transcription(created_at=fine, updated_at=fine, completed_at=None)
    added = (await catalogue.add(recording(alice, created_at=fine, transcription=said))).recording
    assert added.created_at == datetime(2026, 3, 1, 9, 0, 0, 123000, tzinfo=UTC)
    assert added.transcription is not None
    assert added.transcription.created_at == added.created_at
    assert await catalogue.get(added.id) == added


@pytest.mark.parametrize("year", [1, 1601, 1969, 2095, 2097, 9999])
async def test_any_time_that_can_be_told_is_kept(catalogue: Verbs, alice: Account, year: int) -> None:
    at = datetime(year, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
    entry = recording(alice, id=an_id(), created_at=at, updated_at=at)
    await catalogue.add(entry)
    assert await catalogue.get(entry.id) == entry
    assert (await catalogue.find(RecordingQuery(account_id=alice.id, created=Span(from_=at, through=at)))).items == (
        entry,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"sip_call_id": "x" * 2049},
        {"caller": Party(number="+1\0")},
        {"connection_id": "\ud800"},
        {"label": "a\0b"},
        {"callee": Party(name="\udc00")},
        {"notes": ("\ud800",)},
        {"foreign": {"kazoo": {"call": "x" * 3000}}},
        {"extras": {"kazoo": {"huge": 1 << 70}}},
    ],
)
async def test_what_one_engine_could_not_keep_is_refused_by_both(
    catalogue: Verbs, alice: Account, change: dict[str, Any]
) -> None:
    entry = recording(alice, **change)
    with pytest.raises(BadRequest):
        await catalogue.add(entry)
    assert await catalogue.get(entry.id) is None
    assert (await catalogue.find(RecordingQuery(account_id=alice.id, with_total=True))).total == 0


async def test_texts_of_every_length_and_script_are_kept(catalogue: Verbs, alice: Account) -> None:
    label = "\x01\N{BICYCLE}" * 100_000
    entry = recording(
        alice, label=label, sip_call_id="ü" * 1024, extras=MappingProxyType({"x": MappingProxyType({"y": 1})})
    )
    await catalogue.add(entry)
    found = await catalogue.get(entry.id)
    assert found is not None
    assert (found.label, found.sip_call_id, found.extras) == (label, "ü" * 1024, {"x": {"y": 1}})


# Changes


async def test_a_change_counts_and_must_know_what_it_changes(catalogue: Verbs, alice: Account) -> None:
    entry = recording(alice, status=Status.PROCESSING, caller=Party(number="+1"))
    await catalogue.add(entry)
    changed = await catalogue.change(
        replace(entry, status=Status.AVAILABLE, label="named", caller=Party(number="+2", identity="x")), expected=1
    )
    assert changed.revision == 2
    assert await catalogue.get(entry.id) == changed
    with pytest.raises(Conflict):
        await catalogue.change(replace(entry, label="too late"), expected=1)
    assert await catalogue.get(entry.id) == changed
    with pytest.raises(NotFound):
        await catalogue.change(recording(alice), expected=1)


async def test_of_many_who_change_at_once_one_wins(catalogue: Verbs, alice: Account) -> None:
    entry = recording(alice)
    await catalogue.add(entry)
    labels = [f"label {n}" for n in range(8)]
    done = await asyncio.gather(
        *(catalogue.change(replace(entry, label=label), expected=1) for label in labels), return_exceptions=True
    )
    assert sum(isinstance(outcome, Conflict) for outcome in done) == 7
    (won,) = [outcome for outcome in done if isinstance(outcome, Recording)]
    assert await catalogue.get(entry.id) == won


async def test_a_transcription_comes_changes_and_goes(catalogue: Verbs, alice: Account) -> None:
    entry = recording(alice)
    await catalogue.add(entry)
    for revision, said in enumerate([a_transcription(), a_transcription(transcripts=()), None, None], 1):
        changed = await catalogue.change(replace(entry, transcription=said), expected=revision)
        assert changed.transcription == said
        assert await catalogue.get(entry.id) == changed


async def test_a_deleted_recording_leaves_the_lists_and_is_still_there(catalogue: Verbs, alice: Account) -> None:
    stays, goes = recording(alice, user_id=an_id()), recording(alice)
    await catalogue.add_all([stays, goes])
    gone = await catalogue.change(replace(goes, status=Status.DELETED, deleted_at=T0), expected=1)
    listed = await catalogue.find(RecordingQuery(account_id=alice.id, with_total=True))
    assert (listed.items, listed.total) == ((stays,), 1)
    deleted = await catalogue.find(
        RecordingQuery(account_id=alice.id, statuses=frozenset({Status.DELETED}), with_total=True)
    )
    assert (deleted.items, deleted.total) == ((gone,), 1)
    assert await catalogue.get(goes.id, account_id=alice.id) == gone


# Intake keys


async def test_an_intake_key_brings_one_recording_for_ever(catalogue: Verbs, alice: Account, charlie: Account) -> None:
    first = recording(alice)
    assert (await catalogue.add(first, intake_key="k")).fresh
    assert await catalogue.taken(alice.id, "k") == first
    again = await catalogue.add(recording(alice), intake_key="k")
    assert (again.recording, again.fresh) == (first, False)
    assert (await catalogue.add(recording(charlie), intake_key="k")).fresh
    assert (await catalogue.add(recording(alice), intake_key="K")).fresh
    assert (await catalogue.find(RecordingQuery(account_id=alice.id, with_total=True))).total == 2


async def test_the_key_of_a_deleted_recording_may_be_used_again(catalogue: Verbs, alice: Account) -> None:
    first, second = recording(alice), recording(alice)
    await catalogue.add(first, intake_key="k")
    await catalogue.change(replace(first, status=Status.DELETED), expected=1)
    assert await catalogue.taken(alice.id, "k") is None
    assert (await catalogue.add(second, intake_key="k")).fresh
    assert await catalogue.taken(alice.id, "k") == second


async def test_of_many_with_one_key_at_once_one_is_taken_in(catalogue: Verbs, alice: Account) -> None:
    done = await asyncio.gather(*(catalogue.add(recording(alice), intake_key="k") for _ in range(8)))
    assert [outcome.fresh for outcome in done].count(True) == 1
    assert len({outcome.recording.id for outcome in done}) == 1
    assert (await catalogue.find(RecordingQuery(account_id=alice.id, with_total=True))).total == 1


async def test_a_key_is_free_if_its_recording_was_refused(catalogue: Verbs, alice: Account) -> None:
    taken = recording(alice)
    await catalogue.add(taken)
    with pytest.raises(Conflict):
        await catalogue.add(taken, intake_key="k")
    assert await catalogue.taken(alice.id, "k") is None
    assert (await catalogue.add(recording(alice), intake_key="k")).fresh


@pytest.mark.parametrize("key", ["\0", "\ud800", "x" * 2049])
async def test_a_key_that_cannot_be_kept_is_refused_and_finds_nothing(
    catalogue: Verbs, alice: Account, key: str
) -> None:
    assert await catalogue.taken(alice.id, key) is None
    with pytest.raises(BadRequest):
        await catalogue.add(recording(alice), intake_key=key)


# Aliases


async def test_a_recording_answers_to_what_vendors_called_it(catalogue: Verbs, alice: Account) -> None:
    entry = recording(
        alice,
        conference_id=an_id(),
        parent_call_id=an_id(),
        transcription=a_transcription(),
        foreign={
            "telnyx": {"recording": "r", "call": "c", "session": "s", "conference": "f", "parent_call": "p"},
            "bird": {"transcription": "t", "recording": "r2", "unheard-of": "x"},
        },
    )
    await catalogue.add(entry)
    expected = {
        ("telnyx", "recording", "r"): entry.id,
        ("telnyx", "call", "c"): entry.call_id,
        ("telnyx", "session", "s"): entry.call_session_id,
        ("telnyx", "conference", "f"): entry.conference_id,
        ("telnyx", "parent_call", "p"): entry.parent_call_id,
        ("bird", "transcription", "t"): entry.transcription.id if entry.transcription else None,
        ("bird", "recording", "r2"): entry.id,
        ("bird", "recording", "r"): None,
        ("bird", "unheard-of", "x"): None,
        ("bird", "recording", "\0"): None,
        ("bird", "recording", "\ud800"): None,
    }
    assert {key: await catalogue.resolve(alice.id, *key) for key in expected} == expected


async def test_recordings_of_one_call_share_its_alias(catalogue: Verbs, alice: Account) -> None:
    call = an_id()
    for name in ("r1", "r2"):
        await catalogue.add(recording(alice, call_id=call, foreign={"telnyx": {"call": "c", "recording": name}}))
    with pytest.raises(Conflict):
        await catalogue.add(recording(alice, foreign={"telnyx": {"call": "c", "recording": "r3"}}))
    assert await catalogue.resolve(alice.id, "telnyx", "call", "c") == call
    assert await catalogue.resolve(alice.id, "telnyx", "recording", "r3") is None


async def test_an_alias_stands_for_one_thing_within_account_and_dialect(
    catalogue: Verbs, alice: Account, charlie: Account
) -> None:
    await catalogue.add(recording(alice, foreign={"telnyx": {"recording": "r"}}))
    refused = recording(alice, foreign={"telnyx": {"recording": "r"}})
    with pytest.raises(Conflict):
        await catalogue.add(refused)
    assert await catalogue.get(refused.id) is None
    await catalogue.add(recording(alice, foreign={"bird": {"recording": "r"}}))
    await catalogue.add(recording(charlie, foreign={"telnyx": {"recording": "r"}}))


async def test_what_was_deleted_may_come_again_under_its_old_name(catalogue: Verbs, alice: Account) -> None:
    names = {"telnyx": {"recording": "r", "call": "c"}}
    first, second = recording(alice, foreign=names), recording(alice, foreign=names)
    await catalogue.add(first)
    await catalogue.change(replace(first, status=Status.DELETED), expected=1)
    assert await catalogue.resolve(alice.id, "telnyx", "recording", "r") == first.id
    await catalogue.add(second)
    assert await catalogue.resolve(alice.id, "telnyx", "recording", "r") == second.id
    assert await catalogue.resolve(alice.id, "telnyx", "call", "c") == second.call_id


async def test_aliases_follow_a_change(catalogue: Verbs, alice: Account) -> None:
    entry = recording(alice, foreign={"telnyx": {"recording": "old", "call": "c"}})
    await catalogue.add(entry)
    moved = replace(entry, call_id=an_id(), foreign={"telnyx": {"recording": "new", "call": "c"}})
    await catalogue.change(moved, expected=1)
    assert await catalogue.resolve(alice.id, "telnyx", "recording", "old") is None
    assert await catalogue.resolve(alice.id, "telnyx", "recording", "new") == entry.id
    assert await catalogue.resolve(alice.id, "telnyx", "call", "c") == moved.call_id
    await catalogue.add(recording(alice, foreign={"telnyx": {"recording": "old"}}))
    with pytest.raises(Conflict):
        await catalogue.change(replace(moved, foreign={"telnyx": {"recording": "old"}}), expected=2)
    assert await catalogue.resolve(alice.id, "telnyx", "recording", "new") == entry.id


async def test_many_who_name_the_same_call_at_once_get_along(catalogue: Verbs, alice: Account) -> None:
    call = an_id()
    names = [
        {"a": {"call": "1", "session": "2"}, "b": {"call": "3"}},
        {"b": {"call": "3"}, "a": {"session": "2", "call": "1"}},
    ]
    entries = [recording(alice, call_id=call, call_session_id=call, foreign=names[n % 2]) for n in range(10)]
    await asyncio.gather(*map(catalogue.add, entries))
    assert (await catalogue.find(RecordingQuery(account_id=alice.id, call_id=call, with_total=True))).total == 10
