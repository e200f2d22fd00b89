"""The policy: which calls are recorded by themselves, and how.  An account has one, and a trunk may have its own.

What does not live here: a recording that somebody asks for during the call (``order``).
``write_policy`` and ``read_policy`` turn one into JSON and back; the keys are the fields' names.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from callvault.model.recording import Direction, Origin
from callvault.model.wish import Wish, read_wish, write_wish

SETTING = "policy"
"""Under which name the settings of an account or a trunk hold the document."""


class Network(enum.StrEnum):
    """Whether the other side is one of our own."""

    ONNET = "onnet"
    OFFNET = "offnet"


@dataclass(frozen=True, kw_only=True, slots=True)
class CallFacts:
    """What a rule may look at."""

    direction: Direction | None = None
    network: Network | None = None
    caller: str | None = None
    """A number, or an address without one."""
    callee: str | None = None
    user_id: UUID | None = None
    devices: tuple[str, ...] = ()
    """SIP user parts by which a device of the account is known, of either side."""
    draw: float = 0.0
    """A number from 0 on, below 100, by which the call is drawn where only some are recorded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What is asked of a call, and what follows where it is so.  What is None or empty is not asked."""

    name: str
    record: bool = True
    also: bool = False
    """Whether the rules behind it are looked at too: one call can then give several recordings."""
    direction: Direction | None = None
    network: Network | None = None
    caller: str | None = None
    """A pattern: ``*`` stands for anything, ``?`` for one character; ``+1202*``."""
    callee: str | None = None
    number: str | None = None
    """A pattern that either side's number has to fit."""
    user_id: UUID | None = None
    device: str | None = None
    percent: float = 100.0
    """Of the calls for which all else is so."""
    wish: Wish = field(default_factory=lambda: Wish(origin=Origin.TRUNK))

    def fits(self, facts: CallFacts) -> bool:
        """Whether a call is meant."""
        numbers = (facts.caller, facts.callee)
        return (
            self.direction in (None, facts.direction)
            and self.network in (None, facts.network)
            and _like(self.caller, facts.caller)
            and _like(self.callee, facts.callee)
            and (self.number is None or any(_like(self.number, number) for number in numbers))
            and self.user_id in (None, facts.user_id)
            and (self.device is None or self.device in facts.devices)
            and facts.draw < self.percent
        )


WHOLE = Rule(name="every call")


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """The first rule that fits decides; where none does, ``record``."""

    rules: tuple[Rule, ...] = ()
    record: bool = True
    prebuffer_ms: int = 0
    """How much of what was said before a recording begins is in it all the same, 0 to 30,000."""
    mask_keys: bool = False
    """Whether the call is masked by itself while somebody presses keys."""
    onnet: tuple[str, ...] = ()
    """Patterns of numbers and hosts that are the account's own; so is a number of at most six digits."""

    def chosen(self, facts: CallFacts) -> tuple[Rule, ...]:
        """The rules by which a call is recorded; none where it is not."""
        found: list[Rule] = []
        for rule in self.rules:
            if not rule.fits(facts):
                continue
            if rule.record:
                found.append(rule)
            if not rule.also:
                return tuple(found)
        return tuple(found) if found or not self.record else (WHOLE,)

    def network_of(self, number: str | None, host: str | None = None) -> Network:
        """Whether a number or a host is one of the account's own."""
        short = number is not None and number.isdigit() and len(number) <= LONGEST_EXTENSION
        known = any(_like(pattern, each) for pattern in self.onnet for each in (number, host) if each)
        return Network.ONNET if short or known else Network.OFFNET


LONGEST_EXTENSION = 6
MOST_PREBUFFER_MS = 30_000
RECORD_ALL = Policy()
RECORD_NONE = Policy(record=False)


def _like(pattern: str | None, text: str | None) -> bool:
    if pattern is None:
        return True
    parts = re.split(r"([*?])", pattern)
    shape = "".join({"*": ".*", "?": "."}.get(part) or re.escape(part) for part in parts)
    return text is not None and re.fullmatch(shape, text, re.IGNORECASE | re.DOTALL) is not None


def policy_of(*settings: Mapping[str, Any]) -> Policy:
    """The first that is there: the trunk's settings come before the account's.  What cannot be read records."""
    for each in settings:
        if SETTING in each:
            try:
                return read_policy(each[SETTING])
            except (KeyError, TypeError, ValueError):
                return RECORD_ALL
    return RECORD_ALL


def write_policy(policy: Policy) -> dict[str, Any]:
    """The JSON document."""
    return {
        "rules": [_rule_document(rule) for rule in policy.rules],
        "record": policy.record,
        "prebuffer_ms": policy.prebuffer_ms,
        "mask_keys": policy.mask_keys,
        "onnet": list(policy.onnet),
    }


def read_policy(document: Mapping[str, Any]) -> Policy:
    """Turn ``write_policy`` back.

    Raises:
        KeyError, TypeError, ValueError: it is no such document.
    """
    rules: Sequence[Mapping[str, Any]] = document.get("rules", ())
    prebuffer_ms = int(document.get("prebuffer_ms", 0))
    if not 0 <= prebuffer_ms <= MOST_PREBUFFER_MS:
        raise ValueError(f"prebuffer_ms goes from 0 to {MOST_PREBUFFER_MS}")
    return Policy(
        rules=tuple(_rule(rule) for rule in rules),
        record=bool(document.get("record", True)),
        prebuffer_ms=prebuffer_ms,
        mask_keys=bool(document.get("mask_keys", False)),
        onnet=tuple(map(str, document.get("onnet", ()))),
    )


def _rule_document(rule: Rule) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": rule.name,
        "record": rule.record,
        "also": rule.also,
        "direction": rule.direction,
        "network": rule.network,
        "caller": rule.caller,
        "callee": rule.callee,
        "number": rule.number,
        "user_id": str(rule.user_id) if rule.user_id else None,
        "device": rule.device,
        "percent": rule.percent,
        "wish": write_wish(rule.wish),
    }
    return {name: value for name, value in said.items() if value is not None}


def _rule(document: Mapping[str, Any]) -> Rule:
    values = dict(document)
    readers = {"direction": Direction, "network": Network, "user_id": UUID, "wish": read_wish, "percent": float}
    for name, read in readers.items():
        if values.get(name) is not None:
            values[name] = read(values[name])  # type: ignore[operator]
    return Rule(**values)
