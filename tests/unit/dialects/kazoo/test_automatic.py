"""Automatic recording: which rules the documents of account, users and devices come to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from callvault.dialects.kazoo.automatic import Kept, kept_of, rules_of, settled
from callvault.dialects.kazoo.parameters import Unfit
from callvault.model.media import MediaFormat
from callvault.model.policy import RECORD_ALL, CallFacts, Network, Policy, Rule, policy_of, read_policy, write_policy
from callvault.model.recording import Direction, Origin
from callvault.model.wish import Cue, Push, Wish
from tests.unit.dialects.kazoo.asking import ADA

ON: dict[str, Any] = {"enabled": True}
OFF: dict[str, Any] = {"enabled": False}
INBOUND_ONNET = CallFacts(direction=Direction.INBOUND, network=Network.ONNET)
INBOUND_OFFNET = CallFacts(direction=Direction.INBOUND, network=Network.OFFNET)
OUTBOUND_ONNET = CallFacts(direction=Direction.OUTBOUND, network=Network.ONNET)
OUTBOUND_OFFNET = CallFacts(direction=Direction.OUTBOUND, network=Network.OFFNET)
EVERY_CALL = (INBOUND_ONNET, INBOUND_OFFNET, OUTBOUND_ONNET, OUTBOUND_OFFNET)
DESK = "d" * 32


def policy(kept: Kept, settings: dict[str, Any] | None = None) -> Policy:
    return policy_of(settled(settings or {}, kept, ()))


def names(kept: Kept, facts: CallFacts) -> list[str]:
    return [rule.name for rule in policy(kept).chosen(facts)]


def account(**sources: Any) -> Kept:
    return Kept(account={"account": sources})


def endpoint(**sources: Any) -> Kept:
    return Kept(account={"endpoint": sources})


def device(recording: dict[str, Any] | None = None, owner: str | None = None, name: str = "desk") -> dict[str, Any]:
    said: dict[str, Any] = {"name": "Desk", "sip": {"username": name}}
    return (
        said | ({"call_recording": recording} if recording is not None else {}) | ({"owner_id": owner} if owner else {})
    )


@pytest.mark.parametrize("direction", ["inbound", "outbound", "any"])
@pytest.mark.parametrize("network", ["onnet", "offnet", "any"])
def test_each_place_of_the_account_is_about_its_calls(direction: str, network: str) -> None:
    recorded = [facts for facts in EVERY_CALL if names(account(**{direction: {network: ON}}), facts)]
    assert recorded == [
        facts for facts in EVERY_CALL if direction in (facts.direction, "any") and network in (facts.network, "any")
    ]


def test_what_they_are_called() -> None:
    every = account(any={"any": ON})
    assert [names(every, facts) for facts in EVERY_CALL] == [
        ["inbound from onnet to account"],
        ["inbound from offnet to account"],
        ["outbound to onnet from account"],
        ["outbound to offnet from account"],
    ]
    assert names(endpoint(inbound={"any": ON}), INBOUND_OFFNET) == ["inbound from offnet to endpoint"]
    assert names(endpoint(outbound={"any": ON}), OUTBOUND_ONNET) == ["outbound to onnet from endpoint"]


def test_what_is_specific_stands_before_any() -> None:
    kept = account(any={"any": ON}, inbound={"any": OFF, "onnet": ON})
    assert [bool(names(kept, facts)) for facts in EVERY_CALL] == [True, False, True, True]
    kept = account(any={"any": ON, "onnet": OFF}, inbound={"any": ON})
    assert [bool(names(kept, facts)) for facts in EVERY_CALL] == [True, True, False, True]


@pytest.mark.parametrize("said", [{}, {"enabled": False}, {"enabled": "false"}, {"format": "wav"}])
def test_what_is_not_enabled_is_off(said: dict[str, Any]) -> None:
    assert names(account(any={"any": said}), INBOUND_ONNET) == []
    assert names(endpoint(any={"any": said}), INBOUND_ONNET) == []


def test_one_call_can_give_two_recordings() -> None:
    both = Kept(account={"account": {"any": {"any": ON}}, "endpoint": {"any": {"any": ON}}})
    assert names(both, INBOUND_OFFNET) == ["inbound from offnet to account", "inbound from offnet to endpoint"]


def test_device_before_user_before_endpoint_and_the_account_besides() -> None:
    wav, mp3, short = (
        {"any": {"any": {"enabled": True, **said}}} for said in ({"format": "wav"}, {}, {"time_limit": 5})
    )
    kept = Kept(
        account={"endpoint": short, "account": {"any": {"any": ON}}},
        users={ADA: mp3},
        devices={DESK: device(wav), "e" * 32: device({"any": {"any": OFF}}, name="hall")},
    )
    chosen = policy(kept).chosen
    ada = UUID(hex=ADA)

    def wishes(**about: Any) -> list[tuple[MediaFormat, float | None]]:
        rules = chosen(replace(INBOUND_OFFNET, **about))
        assert rules[0].name == "inbound from offnet to account"
        return [(rule.wish.format, rule.wish.most_s) for rule in rules[1:]]

    assert wishes(devices=("desk",), user_id=ada) == [(MediaFormat.WAV, 3600.0)]
    assert wishes(user_id=ada) == [(MediaFormat.MP3, 3600.0)]
    assert wishes() == [(MediaFormat.MP3, 5.0)]
    assert wishes(devices=("hall",), user_id=ada) == [], "what is off decides too"


def test_a_device_that_says_nothing_is_its_owners() -> None:
    kept = Kept(users={ADA: {"inbound": {"any": ON}}}, devices={DESK: device(owner=ADA)})
    assert names(kept, replace(INBOUND_OFFNET, devices=("desk",))) == ["inbound from offnet to endpoint"]
    assert names(kept, replace(OUTBOUND_OFFNET, devices=("desk",))) == []
    assert names(kept, replace(INBOUND_OFFNET, devices=("hall",))) == []


def test_a_device_without_a_name_has_no_calls() -> None:
    kept = Kept(devices={DESK: {"name": "Desk", "call_recording": {"any": {"any": ON}}}})
    assert names(kept, replace(INBOUND_OFFNET, devices=("desk",))) == []


def test_an_accounts_devices_are_on_its_net() -> None:
    kept = Kept(devices={DESK: device()})
    before = {"policy": write_policy(Policy(onnet=("+1202*",)))}
    made = settled(before, kept, ())
    assert policy_of(made).onnet == ("+1202*", "desk")
    renamed = settled(made, Kept(devices={DESK: device(name="hall")}), ())
    assert policy_of(renamed).onnet == ("+1202*", "hall")


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ({}, {}),
        ({"format": "wav"}, {"format": MediaFormat.WAV}),
        ({"record_min_sec": 3}, {"least_s": 3.0}),
        ({"record_on_answer": True}, {"cue": Cue.ANSWERED}),
        ({"record_on_bridge": True}, {"cue": Cue.BRIDGED}),
        ({"record_sample_rate": 8000}, {"sample_rate": 8000}),
        ({"time_limit": 60}, {"most_s": 60.0}),
        ({"url": "https://a.example/b"}, {"push": Push(url="https://a.example/b")}),
    ],
    ids=str,
)
def test_every_parameter_arrives(said: dict[str, Any], changes: dict[str, Any]) -> None:
    (rule,) = policy(account(inbound={"onnet": {"enabled": True, **said}})).chosen(INBOUND_ONNET)
    usual = Wish(format=MediaFormat.MP3, most_s=3600.0, origin=Origin.TRUNK)
    assert replace(rule.wish, extras={}) == replace(usual, **changes)
    assert rule.wish.extras["kazoo"]["origin"] == "inbound from onnet to account"
    assert ("url" in rule.wish.extras["kazoo"]) is ("url" in said)


def test_an_endpoint_is_recorded_from_its_answer_on() -> None:
    def cue(facts: CallFacts, **more: Any) -> Cue:
        (rule,) = policy(endpoint(any={"any": {"enabled": True, **more}})).chosen(facts)
        return rule.wish.cue

    assert cue(INBOUND_OFFNET) is Cue.ANSWERED
    assert cue(OUTBOUND_OFFNET) is Cue.NOW
    assert cue(INBOUND_OFFNET, record_on_bridge=True) is Cue.BRIDGED


@pytest.mark.parametrize(
    ("said", "path", "rule"),
    [
        ({"account": {"sideways": {}}}, ("account", "sideways"), "additionalProperties"),
        ({"account": {"inbound": {"abroad": {}}}}, ("account", "inbound", "abroad"), "additionalProperties"),
        ({"tea": {}}, ("tea",), "additionalProperties"),
        ({"endpoint": {"any": {"any": {"label": "a"}}}}, ("endpoint", "any", "any", "label"), "additionalProperties"),
        ({"endpoint": {"any": {"any": {"method": "a"}}}}, ("endpoint", "any", "any", "method"), "additionalProperties"),
        ({"account": {"inbound": {"any": {"time_limit": 4}}}}, ("account", "inbound", "any", "time_limit"), "minimum"),
        ({"account": {"inbound": {"any": {"enabled": 7}}}}, ("account", "inbound", "any", "enabled"), "type"),
        ({"account": {"inbound": {"any": 7}}}, ("account", "inbound", "any"), "type"),
        ({"account": {"inbound": 7}}, ("account", "inbound"), "type"),
        ({"endpoint": 7}, ("endpoint",), "type"),
    ],
    ids=str,
)  # fmt: skip
def test_what_breaks_the_schema(said: dict[str, Any], path: tuple[str, ...], rule: str) -> None:
    with pytest.raises(Unfit) as caught:
        list(rules_of(Kept(account=said), ()))
    assert (caught.value.path, caught.value.rule) == (("call_recording", *path), rule)


def test_what_others_decided_stays_behind_it() -> None:
    theirs = Rule(name="of the house", caller="+1202*")
    before = write_policy(Policy(rules=(theirs,), record=True, prebuffer_ms=500))
    once = settled({"policy": before, "public_media": False}, account(any={"any": ON}), ())
    again = settled(once, account(inbound={"onnet": ON}), ())
    made = read_policy(again["policy"])
    assert [rule.name for rule in made.rules] == ["inbound from onnet to account", "of the house"]
    assert (made.record, made.prebuffer_ms, again["public_media"]) == (True, 500, False)
    assert read_policy(settled(again, Kept(), ())["policy"]).rules == (theirs,)


def test_an_account_without_a_policy_records_nothing_else_from_now_on() -> None:
    assert policy_of({}) == RECORD_ALL
    assert names(account(inbound={"onnet": ON}), OUTBOUND_OFFNET) == []


def test_it_comes_back_as_it_was_given() -> None:
    kept = Kept(account={"account": {"any": {"any": ON}}}, users={ADA: {"any": {}}}, devices={DESK: device()})
    settings = settled({"a": 1}, kept, ())
    assert kept_of(settings) == kept
    assert settings["a"] == 1
    assert kept_of({}) == Kept()
