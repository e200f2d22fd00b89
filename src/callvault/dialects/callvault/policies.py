"""The account's policy in our own API: which calls are recorded by themselves, and how."""

from __future__ import annotations

from typing import Any

from callvault.dialects.callvault import bodies, kinds
from callvault.dialects.callvault import live_operations as operations
from callvault.dialects.callvault.asked import Asked
from callvault.dialects.callvault.bodies import Field, Fields, read_body, read_fields
from callvault.dialects.callvault.wishes import checked, read_wish_object, wish_object
from callvault.dialects.callvault.words import JSON
from callvault.dialects.contract import Visit
from callvault.dialects.toolbox.jsons import json_reply
from callvault.errors import BadRequest
from callvault.model.policy import MOST_PREBUFFER_MS, Network, Policy, Rule
from callvault.model.recording import Direction, Origin
from callvault.model.wish import Wish
from callvault.vault.live_commands import GetPolicy, KeepPolicy
from callvault.wire import WireReply

MOST_RULES = 200
MOST_PATTERNS = 1000
BY_RULE = Wish(origin=Origin.TRUNK)
"""What a rule wishes that does not say."""
RULE_NEEDS = ("name",)


def _rule(value: Any, name: str) -> Rule:  # noqa: ANN401 - a JSON value
    if not isinstance(value, dict):
        raise BadRequest(f"{name} must be an object.", field=name)
    return Rule(**{"wish": BY_RULE, **read_fields(value, RULE, "rule", needed=RULE_NEEDS, prefix=f"{name}.")})


RULE: Fields = {
    "name": bodies.text("What it is called; the recordings that it asks for tell it."),
    "record": bodies.truth("Whether such a call is recorded; true unless it is said."),
    "also": bodies.truth("Whether the rules behind it are looked at too, so that one call can give several."),
    "direction": bodies.word_of(Direction, "Only calls that go this way."),
    "network": bodies.word_of(Network, "Only calls whose other side is one of the account's own, or is not."),
    "caller": bodies.text("A pattern for the calling number: `*` is anything, `?` one character."),
    "callee": bodies.text("A pattern for the called number."),
    "number": bodies.text("A pattern that either number has to fit."),
    "user_id": bodies.said_as(kinds.UUID_, "Only calls of this user."),
    "device": bodies.text("Only calls of the device that registers under this SIP user part."),
    "percent": bodies.number(0, 100, "So many of the calls for which all else is so, drawn by chance."),
    "wish": Field(
        read=lambda value, name: read_wish_object(value, name, prefix=f"{name}.", usual=BY_RULE),
        schema={"$ref": "#/components/schemas/Wish"},
        about="How they are recorded.",
    ),
}
_RULE_FIELD = Field(read=_rule, schema={"$ref": "#/components/schemas/Rule"}, about="")
POLICY: Fields = {
    "rules": bodies.listed(_RULE_FIELD, "The first one that fits decides.", most=MOST_RULES),
    "record": bodies.truth("Whether calls that no rule fits are recorded; true unless it is said."),
    "prebuffer_ms": bodies.whole(
        0, MOST_PREBUFFER_MS, "How much of what was said before a recording is asked for is in it all the same."
    ),
    "mask_keys": bodies.truth("Whether a call is masked by itself while somebody presses keys."),
    "onnet": bodies.listed(
        bodies.text(""), "Patterns of numbers and hosts that are the account's own.", most=MOST_PATTERNS
    ),
}


def policy_in(body: bytes) -> Policy:
    """The policy in a JSON document.

    Raises:
        BadRequest: it is none; names the field.
    """
    return Policy(**read_body(body, POLICY, "policy"))


def get(visit: Visit) -> GetPolicy:
    """What is in force."""
    Asked(visit.request, operations.GET_POLICY.parameters)
    return GetPolicy(account_id=visit.account.id)


def keep(visit: Visit) -> KeepPolicy:
    """What shall be in force."""
    Asked(visit.request, operations.KEEP_POLICY.parameters)
    policy = policy_in(visit.request.body)
    for rule in policy.rules:
        checked(rule.wish, visit.terms)
    return KeepPolicy(account_id=visit.account.id, policy=policy)


def say_policy(policy: Policy, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """What is in force."""
    return json_reply(policy_object(policy), content_type=JSON)


def policy_object(policy: Policy) -> dict[str, Any]:
    """A policy whole, its rules without what they do not ask for."""
    return {
        "rules": [_rule_object(rule) for rule in policy.rules],
        "record": policy.record,
        "prebuffer_ms": policy.prebuffer_ms,
        "mask_keys": policy.mask_keys,
        "onnet": list(policy.onnet),
    }


def _rule_object(rule: Rule) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": rule.name,
        "record": rule.record,
        "also": rule.also,
        "direction": rule.direction and str(rule.direction),
        "network": rule.network and str(rule.network),
        "caller": rule.caller,
        "callee": rule.callee,
        "number": rule.number,
        "user_id": rule.user_id and str(rule.user_id),
        "device": rule.device,
        "percent": rule.percent,
        "wish": wish_object(rule.wish),
    }
    return {name: value for name, value in said.items() if value is not None}
