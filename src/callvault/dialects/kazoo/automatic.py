"""Automatic recording: ``call_recording`` of an account, of users and of devices, and the policy that it comes to.

For each direction and network a document may say what is done: a network's own word stands before ``any``, a
direction's own before ``any``.  ``account`` is looked at for every call; of device, user and the account's ``endpoint``
the first that says something decides, besides.  One call can give two recordings.
What does not live here: the documents' paths (``endpoints``).
Source: doc/user_guides/call_recording.md; the schemas ``call_recording``, ``.source`` and ``.parameters``;
``kz_endpoint_recording.erl`` (4.3 and master, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from callvault.dialects.kazoo import words
from callvault.dialects.kazoo.parameters import Parameters, Unfit, read_wish
from callvault.model.destination import Network as Reachable
from callvault.model.policy import RECORD_NONE, SETTING, Network, Rule, policy_of, write_policy
from callvault.model.recording import Direction, Origin
from callvault.model.wish import Cue, Wish

FIELD = "call_recording"
DIRECTIONS, NETWORKS = ("inbound", "outbound", "any"), ("onnet", "offnet", "any")
PARAMETERS = frozenset(
    {
        "enabled",
        "format",
        "record_min_sec",
        "record_on_answer",
        "record_on_bridge",
        "record_sample_rate",
        "time_limit",
        "url",
    }
)
ORIGIN = "origin"
Said = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What Kazoo's clients have said of an account; under ``kazoo`` in its settings."""

    account: Said | None = None
    """``call_recording``, as it was given."""
    users: Mapping[str, Said] = field(default_factory=dict)
    """The same by user, 32 hex characters."""
    devices: Mapping[str, Said] = field(default_factory=dict)
    """Whole documents by device."""

    @property
    def names(self) -> tuple[str, ...]:
        """By which the devices are known."""
        found = (sip_name(device) for device in self.devices.values())
        return tuple(dict.fromkeys(name for name in found if name))


def kept_of(settings: Said) -> Kept:
    """What the settings of an account hold."""
    said = settings.get(words.NAME, {})
    return Kept(account=said.get("account"), users=said.get("users", {}), devices=said.get("devices", {}))


def settled(settings: Said, kept: Kept, reachable: Sequence[Reachable]) -> dict[str, Any]:
    """The settings with this in them, and with the policy that it comes to.

    Rules that others made stay, behind these; what becomes of a call that no rule fits, too.  An account that had no
    policy has all calls recorded; from now on it has none but those that are asked for here.

    Raises:
        Unfit: something breaks its schema.
    """
    before = policy_of(settings) if SETTING in settings else RECORD_NONE
    theirs = tuple(rule for rule in before.rules if not is_ours(rule))
    known = kept_of(settings).names
    onnet = (*(name for name in before.onnet if name not in known), *kept.names)
    policy = replace(before, rules=(*rules_of(kept, reachable), *theirs), onnet=tuple(dict.fromkeys(onnet)))
    said = {"account": kept.account, "users": dict(kept.users), "devices": dict(kept.devices)}
    kazoo = {name: value for name, value in said.items() if value}
    return {**settings, words.NAME: kazoo, SETTING: write_policy(policy)}


def is_ours(rule: Rule) -> bool:
    """Whether a rule came of a document of Kazoo's."""
    return ORIGIN in rule.wish.extras.get(words.NAME, {})


def rules_of(kept: Kept, reachable: Sequence[Reachable]) -> Iterator[Rule]:
    """The account's own rules, which let others follow; then device before user before the account's endpoints.

    Raises:
        Unfit: something breaks its schema.
    """
    account = _object(kept.account or {}, (FIELD,), ("account", "endpoint"))
    for rule in _rules(account.get("account", {}), "account", (FIELD, "account"), reachable):
        if rule.record:
            yield replace(rule, also=True)
    for device in kept.devices.values():
        for rule in _rules(device.get(FIELD, {}), "endpoint", (FIELD,), reachable):
            if sip_name(device):
                yield replace(rule, device=sip_name(device))
    for user, said in kept.users.items():
        for rule in _rules(said, "endpoint", (FIELD,), reachable):
            yield replace(rule, user_id=UUID(hex=user))
            for device in kept.devices.values():
                if device.get("owner_id") == user and sip_name(device):
                    yield replace(rule, device=sip_name(device))
    yield from _rules(account.get("endpoint", {}), "endpoint", (FIELD, "endpoint"), reachable)


def sip_name(device: Said) -> str | None:
    """The user part by which a device is known."""
    sip = device.get("sip")
    name = sip.get("username") if isinstance(sip, Mapping) else None
    return name if isinstance(name, str) and name else None


def _rules(said: object, of: str, path: tuple[str, ...], reachable: Sequence[Reachable]) -> Iterator[Rule]:
    """A rule for each direction and network of which something is said."""
    sources = {
        direction: _object(source, (*path, direction), NETWORKS)
        for direction, source in _object(said, path, DIRECTIONS).items()
    }
    wishes = {
        (direction, network): _wish(parameters, (*path, direction, network), reachable)
        for direction, source in sources.items()
        for network, parameters in source.items()
    }
    for direction in Direction:
        for network in Network:
            places = [(one, other) for one in (direction.value, "any") for other in (network.value, "any")]
            found = next((wishes[place] for place in places if place in wishes), None)
            if found is not None:
                yield _rule(*found, direction, network, of)


def _rule(enabled: bool, wish: Wish, direction: Direction, network: Network, of: str) -> Rule:  # noqa: FBT001
    inbound = direction is Direction.INBOUND
    name = f"inbound from {network} to {of}" if inbound else f"outbound to {network} from {of}"
    if of == "endpoint" and inbound and wish.cue is Cue.NOW:
        wish = replace(wish, cue=Cue.ANSWERED)
    kazoo = {**wish.extras.get(words.NAME, {}), ORIGIN: name}
    return Rule(
        name=name,
        record=enabled,
        direction=direction,
        network=network,
        wish=replace(wish, extras={words.NAME: kazoo}),
    )


def _wish(said: object, path: tuple[str, ...], reachable: Sequence[Reachable]) -> tuple[bool, Wish]:
    parameters = Parameters(said=_object(said, path, PARAMETERS), path=path)
    wish = read_wish(parameters, origin=Origin.TRUNK, networks=reachable)
    return parameters.truth("enabled") or False, wish


def _object(said: object, path: tuple[str, ...], allowed: Sequence[str] | frozenset[str]) -> Said:
    if not isinstance(said, Mapping):
        raise Unfit(f"{path[-1]} must be an object.", path=path, rule="type", said=said, target="object")
    for key in said:
        if key not in allowed:
            sentence = f"{path[-1]} takes {', '.join(sorted(allowed))}."
            raise Unfit(sentence, path=(*path, key), rule="additionalProperties", said=said[key])
    return said
