"""The order: one verb for one live call, as it is handed to whoever has the call, and what that answers.

What does not live here: how it is handed over (``catalogue``), how it is carried out (``capture.steering``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from callvault.model.live import LiveCall, Phase, read_live, write_live
from callvault.model.wish import Wish, read_wish, write_wish


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """A recording shall begin."""

    recording: UUID
    """What it is called from now on."""
    wish: Wish
    key: str | None = None
    """Given twice for one call, the second time is the first over again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Recordings shall be paused, go on, or stop."""

    to: Phase
    """``PAUSED``, ``RUNNING`` or ``STOPPED``."""
    recording: UUID | None = None
    """None: ``all_of_them``, or the one that was started last."""
    all_of_them: bool = False
    only: bool = False
    """Whether there has to be exactly one that can be steered (Twilio's ``Twilio.CURRENT``)."""
    silent: bool = False
    """Whether a pause is silence in the file; else it is cut out."""
    settled: bool = False
    """Whether one that is so already is as good."""
    key: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mask:
    """The whole call shall be masked, or not any more."""

    on: bool


Verb = Start | Change | Mask
_WORDS: Mapping[str, type[Verb]] = {"start": Start, "change": Change, "mask": Mask}


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A verb on its way."""

    id: UUID
    account_id: UUID
    take: UUID
    node: str
    verb: Verb
    made_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What was done: the call as it is afterwards, and which of its recordings the verb was about."""

    call: LiveCall
    recordings: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class NotDone:
    """Why nothing was done."""

    fault: str
    """``ended``: the call is over; ``not-found``: it has no such recording; ``conflict``: it is not in the state for
    it; ``failed``: it should have worked."""
    sentence: str


Reply = Done | NotDone
OVER = NotDone(fault="ended", sentence="The call is over.")


def write_verb(verb: Verb) -> dict[str, Any]:
    """The JSON document; for ``orjson``, which knows UUIDs."""
    word = next(word for word, kind in _WORDS.items() if kind is type(verb))
    match verb:
        case Start():
            return {"do": word, "recording": verb.recording, "wish": write_wish(verb.wish), "key": verb.key}
        case Change():
            return {
                "do": word,
                "to": verb.to,
                "recording": verb.recording,
                "all_of_them": verb.all_of_them,
                "only": verb.only,
                "silent": verb.silent,
                "settled": verb.settled,
                "key": verb.key,
            }
        case Mask():
            return {"do": word, "on": verb.on}


def read_verb(document: Mapping[str, Any]) -> Verb:
    """Turn ``write_verb`` back.

    Raises:
        KeyError, TypeError, ValueError: it is no such document.
    """
    values = dict(document)
    kind = _WORDS[values.pop("do")]
    if values.get("recording"):
        values["recording"] = UUID(values["recording"])
    if "to" in values:
        values["to"] = Phase(values["to"])
    if "wish" in values:
        values["wish"] = read_wish(values["wish"])
    return kind(**values)


def write_reply(reply: Reply) -> dict[str, Any]:
    """The JSON document; for ``orjson``, which knows times and UUIDs."""
    if isinstance(reply, NotDone):
        return {"fault": reply.fault, "sentence": reply.sentence}
    return {"call": write_live(reply.call), "recordings": list(reply.recordings)}


def read_reply(document: Mapping[str, Any]) -> Reply:
    """Turn ``write_reply`` back.

    Raises:
        KeyError, TypeError, ValueError: it is no such document.
    """
    if "fault" in document:
        return NotDone(fault=document["fault"], sentence=document["sentence"])
    return Done(call=read_live(document["call"]), recordings=tuple(map(UUID, document["recordings"])))
