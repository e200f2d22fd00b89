"""Wishes, policies, live calls, orders and replies come back from JSON as they went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from hypothesis import given
from hypothesis import strategies as some

from callvault.model.live import LiveCall, LiveRecording, Phase, read_live, write_live
from callvault.model.media import MediaFormat
from callvault.model.order import (
    Change,
    Done,
    Mask,
    NotDone,
    Start,
    read_reply,
    read_verb,
    write_reply,
    write_verb,
)
from callvault.model.party import Party
from callvault.model.policy import Network, Policy, Rule, read_policy, write_policy
from callvault.model.recording import Direction, Origin
from callvault.model.wish import Cue, Push, Track, Wish, read_wish, write_wish

words = some.text(max_size=12)
maybe_words = some.none() | words
moments = some.integers(0, 4_000_000_000_000).map(
    lambda said_ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=said_ms)
)
extras = some.dictionaries(words, some.dictionaries(words, words, max_size=2), max_size=2)
wishes = some.builds(
    Wish,
    format=some.sampled_from(MediaFormat),
    channels=some.sampled_from([None, 1, 2]),
    track=some.sampled_from(Track),
    cue=some.sampled_from(Cue),
    most_s=some.none() | some.floats(0.0, 1e5),
    least_s=some.floats(0.0, 1e3),
    silence_s=some.none() | some.floats(0.0, 1e3),
    sample_rate=some.sampled_from([None, 8000, 16_000]),
    trim=some.booleans(),
    follows_transfer=some.booleans(),
    file_name=maybe_words,
    label=maybe_words,
    origin=some.sampled_from(Origin),
    push=some.none() | some.builds(Push, url=words, method=some.sampled_from(["PUT", "POST"])),
    extras=extras,
)
rules = some.builds(
    Rule,
    name=words,
    record=some.booleans(),
    also=some.booleans(),
    direction=some.none() | some.sampled_from(Direction),
    network=some.none() | some.sampled_from(Network),
    caller=maybe_words,
    callee=maybe_words,
    number=maybe_words,
    user_id=some.none() | some.uuids(),
    device=maybe_words,
    percent=some.floats(0.0, 100.0),
    wish=wishes,
)
policies = some.builds(
    Policy,
    rules=some.lists(rules, max_size=3).map(tuple),
    record=some.booleans(),
    prebuffer_ms=some.integers(0, 30_000),
    mask_keys=some.booleans(),
    onnet=some.lists(words, max_size=2).map(tuple),
)
recordings = some.builds(
    LiveRecording,
    id=some.uuids(),
    phase=some.sampled_from(Phase),
    wish=wishes,
    asked_at=moments,
    began_at=some.none() | moments,
    ended_at=some.none() | moments,
    rule=maybe_words,
    pause_silent=some.booleans(),
)
parties = some.builds(Party, number=maybe_words, name=maybe_words, anonymous=some.sampled_from([None, True, False]))
calls = some.builds(
    LiveCall,
    take=some.uuids(),
    account_id=some.uuids(),
    call_id=some.uuids(),
    session_id=some.uuids(),
    node=words,
    door=words,
    trunk=maybe_words,
    user_id=some.none() | some.uuids(),
    connection_id=maybe_words,
    sip_call_id=maybe_words,
    foreign=extras,
    conference_id=some.none() | some.uuids(),
    conference_name=maybe_words,
    direction=some.sampled_from(Direction),
    caller=parties,
    callee=parties,
    participants=some.integers(0, 9),
    began_at=moments,
    answered_at=some.none() | moments,
    bridged_at=some.none() | moments,
    held=some.booleans(),
    masked=some.booleans(),
    recordings=some.lists(recordings, max_size=3).map(tuple),
)
verbs = (
    some.builds(Start, recording=some.uuids(), wish=wishes, key=maybe_words)
    | some.builds(
        Change,
        to=some.sampled_from(Phase),
        recording=some.none() | some.uuids(),
        all_of_them=some.booleans(),
        only=some.booleans(),
        silent=some.booleans(),
        settled=some.booleans(),
        key=maybe_words,
    )
    | some.builds(Mask, on=some.booleans())
)


@given(wishes)
def test_a_wish_comes_back(wish: Wish) -> None:
    assert read_wish(orjson.loads(orjson.dumps(write_wish(wish)))) == wish


@given(policies)
def test_a_policy_comes_back(policy: Policy) -> None:
    assert read_policy(orjson.loads(orjson.dumps(write_policy(policy)))) == policy


@given(calls)
def test_a_live_call_comes_back(call: LiveCall) -> None:
    assert read_live(orjson.loads(orjson.dumps(write_live(call)))) == call


@given(verbs)
def test_a_verb_comes_back(verb: Start | Change | Mask) -> None:
    assert read_verb(orjson.loads(orjson.dumps(write_verb(verb)))) == verb


@given(calls, some.lists(some.uuids(), max_size=2).map(tuple), words)
def test_a_reply_comes_back(call: LiveCall, about: tuple[UUID, ...], sentence: str) -> None:
    for reply in (Done(call=call, recordings=about), NotDone(fault="conflict", sentence=sentence)):
        assert read_reply(orjson.loads(orjson.dumps(write_reply(reply)))) == reply
