"""The receiving end of Kazoo's push: audio as the body, what is known of it in the query; and its read-back.

Kazoo writes ``call_recording_CALL.EXT`` behind a URL without a query, and into the last parameter of one with a query
(``recording`` where that parameter has a value already); then come its own parameters.  It cannot send a credential,
so a key stands in the path.  It tries again until it gets a 2xx, hence: what is said of the audio never makes it fail.
Source: ``kapps_call_recording.erl``, ``kzc_recording.erl`` and ``kz_att_http.erl`` (4.3, 5.x, read 2026-11).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from callvault.dialects.contract import Visit
from callvault.dialects.kazoo import words
from callvault.dialects.kazoo.envelopes import seal
from callvault.dialects.toolbox.parameters import telephone
from callvault.dialects.toolbox.ranges import media_reply
from callvault.dialects.toolbox.times import from_gregorian
from callvault.errors import NotAudio, NotFound
from callvault.model.card import Card
from callvault.model.ids import new_id
from callvault.model.party import Party
from callvault.model.recording import Source
from callvault.vault.commands import OpenedMedia, OpenMedia, TakeIn, TakenIn
from callvault.wire import WireReply, WireRequest

_FILE = re.compile(r"call_recording_(.+?)\.{1,2}([^.]+)", re.DOTALL)
"""The call and the extension.  Two dots were a fault of Kazoo's master between 4.3 and 5."""
_KEPT = (
    "from",
    "to",
    "request",
    "cdr_id",
    "account_id",
    "owner_id",
    "duration_ms",
    "name",
    "description",
    "origin",
    "media_source",
    "source_type",
    "endpoint_id",
)
"""What is kept as Kazoo said it.  Nothing but its own fields: an operator's URL may hold secrets."""
_UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters and halves of surrogate pairs: no name or number has them, and not every database keeps them."""
_YEARS = range(1970, 9999)
"""The years that an id can carry."""
_UNTIMED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Push:
    """What a push's URL says."""

    file: str
    """``call_recording_CALL.EXT``, with one dot; empty where there is none."""
    call_id: str
    said: Mapping[str, str]
    """The parameters that have a value."""

    @property
    def name(self) -> str:
        """What tells this recording from others: Kazoo's id, else call and file.  The same for push and read-back."""
        return self.said.get("recording_id") or self.said.get("id") or self.file


def take_in(visit: Visit) -> TakeIn:
    """The push.

    Raises:
        NotFound: the URL names no recording.
        NotAudio: there is no body.
    """
    request = visit.request
    push = read_push(request)
    if request.stream is None:
        raise NotAudio("The push has no body.", field="body")
    length = request.header("content-length") or ""
    return TakeIn(
        account_id=visit.account.id,
        card=card_of(push, visit.account.id),
        content=request.stream,
        key=f"kazoo:{push.name}" if push.name != push.file else f"kazoo:{push.call_id}/{push.file}",
        expected_bytes=int(length) if length.isascii() and length.isdigit() else None,
    )


def read_back(visit: Visit) -> OpenMedia:
    """The bytes that were pushed to this URL, unaltered."""
    push = read_push(visit.request)
    return OpenMedia(account_id=visit.account.id, recording=words.recording_ref(push.name), original=True)


def say_taken(taken: TakenIn, visit: Visit) -> WireReply:
    """201; 200 where it had been taken in before.  The key in the path is not echoed."""
    recording = taken.recording
    data = {
        "id": words.recording_id(recording),
        "call_id": words.call_id(recording),
        "content_type": words.CONTENT_TYPE[recording.format],
        "duration_ms": recording.duration_ms,
    }
    return seal(data, visit.request, visit.terms, token=None, status=201 if taken.fresh else 200)


def say_original(media: OpenedMedia, visit: Visit) -> WireReply:
    """The bytes, in their own type."""
    return media_reply(media, visit.request, content_type=words.CONTENT_TYPE[media.format])


def read_push(request: WireRequest) -> Push:
    """Parse a push's URL.

    Raises:
        NotFound: it names neither a file nor a recording.
    """
    written = [_UNWRITABLE.sub("", request.parts.get(name, "")) for name in ("file", "place")]
    said: dict[str, str] = {}
    for name, text in request.query:
        value = _UNWRITABLE.sub("", text)
        file, mark, query = value.partition("?")
        if file.startswith(words.PUSHED_FILE):
            written.append(file)
            said |= dict(parse_qsl(query)) if mark else {}
        elif value:
            said.setdefault(name, value)
    match = next(filter(None, map(_FILE.fullmatch, written)), None)
    push = Push(
        file=f"{words.PUSHED_FILE}{match[1]}.{match[2]}" if match else "",
        call_id=match[1] if match else said.get("call_id", ""),
        said=said,
    )
    if not push.name:
        raise NotFound("recording", "")
    return push


def card_of(push: Push, account_id: UUID) -> Card:
    """All that the URL tells.  What the core has no word for is kept as Kazoo said it."""
    said = push.said
    foreign = {"recording": push.name}
    if push.call_id:
        foreign["call"] = push.call_id
    interaction, conference = said.get("interaction_id"), said.get("conference_id")
    if interaction is not None:
        foreign["session"] = interaction
    if conference is not None:
        foreign["conference"] = conference
    is_conference = conference is not None or said.get("conference_recording") == "true"
    return Card(
        user_id=words.hex_id(said.get("owner_id", "")),
        call_session_id=_session(interaction, account_id) if interaction else None,
        conference_id=_conference(conference, account_id) if conference else None,
        conference_name=said.get("conference_name"),
        sip_call_id=push.call_id or None,
        source=Source.CONFERENCE if is_conference else None,
        direction={word: direction for direction, word in words.DIRECTION.items()}.get(said.get("direction", "")),
        caller=_party(said, "caller_id", "from"),
        callee=_party(said, "callee_id", "to"),
        started_at=_start(said.get("start")),
        foreign={words.NAME: foreign},
        extras={words.NAME: _kept(said)},
    )


def _kept(said: Mapping[str, str]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: said[name] for name in _KEPT if name in said}
    for name in ("from", "to", "request"):
        if name in kept:
            kept[name] = telephone(kept[name])
    if words.hex_id(kept.get("owner_id", "")):
        del kept["owner_id"]  # that is the user
    length = kept.get("duration_ms", "")
    if length.isascii() and length.isdigit() and len(length) <= 15:
        kept["duration_ms"] = int(length)
    return kept


def _party(said: Mapping[str, str], prefix: str, address: str) -> Party:
    user = (telephone(said.get(address)) or "").partition("@")[0]
    return Party(
        number=telephone(said.get(f"{prefix}_number")) or user.removeprefix("sip:") or None,
        name=said.get(f"{prefix}_name"),
    )


def _start(text: str | None) -> datetime | None:
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= 12):
        return None
    try:
        moment = from_gregorian(int(text))
    except OverflowError:
        return None
    return moment if moment.year in _YEARS else None


def _session(interaction: str, account_id: UUID) -> UUID:
    """The conversation that Kazoo's id stands for: the same whichever of its legs comes first."""
    seconds = words.interaction_time(interaction)
    began = _UNTIMED if seconds is None else max(_UNTIMED, from_gregorian(seconds))
    return new_id(began, hashlib.sha256(account_id.bytes + interaction.encode()).digest())


def _conference(conference: str, account_id: UUID) -> UUID:
    """A conference's own bits, or some that stand for its name."""
    entropy = hashlib.sha256(account_id.bytes + b"conference" + conference.encode()).digest()
    return words.hex_id(conference) or new_id(_UNTIMED, entropy)
