"""The policy on our own wire: every field is heeded, and what is read is what is told."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from callvault.dialects.callvault import policies
from callvault.errors import BadRequest
from callvault.model.media import MediaFormat
from callvault.model.policy import Network, Policy, Rule
from callvault.model.recording import Direction, Origin
from callvault.model.wish import Wish
from callvault.vault.live_commands import GetPolicy, KeepPolicy
from tests.unit.dialects.live_calls import LIVE
from tests.unit.dialects.visits import ALICE, document, visit

USER = LIVE.take
POLICIES: list[tuple[dict[str, Any], Policy]] = [
    ({}, Policy()),
    ({"record": False}, Policy(record=False)),
    ({"prebuffer_ms": 5000}, Policy(prebuffer_ms=5000)),
    ({"mask_keys": True}, Policy(mask_keys=True)),
    ({"onnet": ["2*", "*.example.net"]}, Policy(onnet=("2*", "*.example.net"))),
    ({"rules": []}, Policy()),
]
RULES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"record": False}, {"record": False}),
    ({"also": True}, {"also": True}),
    ({"direction": "outbound"}, {"direction": Direction.OUTBOUND}),
    ({"network": "onnet"}, {"network": Network.ONNET}),
    ({"caller": "+1202*"}, {"caller": "+1202*"}),
    ({"callee": "20?"}, {"callee": "20?"}),
    ({"number": "*99"}, {"number": "*99"}),
    ({"user_id": str(USER)}, {"user_id": USER}),
    ({"device": "desk-7"}, {"device": "desk-7"}),
    ({"percent": 12.5}, {"percent": 12.5}),
    ({"wish": {"format": "mp3"}}, {"wish": Wish(format=MediaFormat.MP3, origin=Origin.TRUNK)}),
    ({"wish": {"origin": "dial"}}, {"wish": Wish(origin=Origin.DIAL)}),
]


def kept(said: Any) -> Policy:
    command = policies.keep(visit(method="PUT", body=orjson.dumps(said)))
    assert isinstance(command, KeepPolicy)
    assert command.account_id == ALICE.id
    return command.policy


@pytest.mark.parametrize(
    ("said", "policy"), POLICIES, ids=lambda each: "+".join(each) if isinstance(each, dict) else ""
)
def test_every_field_of_a_policy_is_heeded(said: dict[str, Any], policy: Policy) -> None:
    assert kept(said) == policy


@pytest.mark.parametrize(("said", "rule"), RULES, ids="+".join)
def test_every_field_of_a_rule_is_heeded(said: dict[str, Any], rule: dict[str, Any]) -> None:
    assert kept({"rules": [{"name": "r", **said}]}) == Policy(rules=(Rule(name="r", **rule),))


def test_each_field_is_tried_above() -> None:
    assert {name for said, _ in POLICIES for name in said} == set(policies.POLICY)
    assert {name for said, _ in RULES for name in said} | {"name"} == set(policies.RULE)


@pytest.mark.parametrize(("said", "_rule"), RULES, ids="+".join)
def test_what_is_told_can_be_said_again(said: dict[str, Any], _rule: object) -> None:
    policy = kept({"rules": [{"name": "r", **said}], "record": False, "onnet": ["1*"], "prebuffer_ms": 1})
    assert kept(document(policies.say_policy(policy, visit()))) == policy


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"recrod": True}, "recrod"),
        ({"record": 1}, "record"),
        ({"prebuffer_ms": 30_001}, "prebuffer_ms"),
        ({"prebuffer_ms": 0.5}, "prebuffer_ms"),
        ({"onnet": "1*"}, "onnet"),
        ({"onnet": [1]}, "onnet[0]"),
        ({"rules": {}}, "rules"),
        ({"rules": ["r"]}, "rules[0]"),
        ({"rules": [{}]}, "rules[0].name"),
        ({"rules": [{"name": "r"}, {"name": "s", "percent": 101}]}, "rules[1].percent"),
        ({"rules": [{"name": "r", "wish": {"trim": 1}}]}, "rules[0].wish.trim"),
        ({"rules": [{"name": "r", "wish": {"push": {"url": "http://10.0.0.1/"}}}]}, "push.url"),
        ({"rules": [{"name": "r", "user_id": "me"}]}, "rules[0].user_id"),
    ],
    ids=str,
)
def test_what_is_no_policy_is_refused_by_name(said: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        kept(said)
    assert refused.value.field == field


def test_the_policy_in_force_is_asked_for() -> None:
    assert policies.get(visit()) == GetPolicy(account_id=ALICE.id)
    with pytest.raises(BadRequest):
        policies.get(visit("/?all=true"))
