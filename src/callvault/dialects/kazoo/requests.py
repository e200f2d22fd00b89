"""Wire to core: one function an operation.  What a list's parameters mean: ``listings``;
whether audio is wanted: ``negotiation``; a push: ``pushes``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from callvault.dialects.contract import Visit
from callvault.dialects.kazoo import listings, negotiation, words
from callvault.dialects.kazoo.envelopes import open_data, open_envelope
from callvault.dialects.kazoo.metadata import read_change
from callvault.dialects.kazoo.negotiation import Form
from callvault.errors import BadRequest, NotAllowed, NotFound, NotOffered
from callvault.model.media import MediaFormat
from callvault.vault.commands import (
    ChangeRecording,
    Command,
    DeleteRecording,
    FindRecordings,
    GetRecording,
    LogIn,
    Nothing,
    OpenMedia,
)
from callvault.wire import WireRequest

KEY_LENGTH = 64
_METHODS = {"md5": "md5", "sha": "sha", "sha1": "sha"}
"""What clients call a hash, and what we do.  The schema has no ``sha1``, the documentation's example has."""


def list_of_account(visit: Visit) -> FindRecordings:
    """All recordings of the account."""
    return listings.find(visit, account(visit), None)


def list_of_user(visit: Visit) -> FindRecordings:
    """Those that the user owns."""
    account_id = account(visit)
    return listings.find(visit, account_id, user(visit))


def one(visit: Visit) -> GetRecording | OpenMedia:
    """The document, or the audio: ``Accept`` decides, and ``?accept=`` above it."""
    account_id, recording = account(visit), words.recording_ref(visit.request.parts["recording"])
    owner = user(visit)
    if negotiation.of_recording(visit.request) is Form.AUDIO:
        among = (MediaFormat.WAV, MediaFormat.MP3)
        return OpenMedia(account_id=account_id, recording=recording, among=among, known_user=owner, relayed=True)
    return GetRecording(account_id=account_id, recording=recording, known_user=owner)


def delete(visit: Visit) -> DeleteRecording:
    """Document and audio."""
    account_id, recording = account(visit), words.recording_ref(visit.request.parts["recording"])
    return DeleteRecording(account_id=account_id, recording=recording, known_user=user(visit))


def change(visit: Visit) -> ChangeRecording:
    """What an app keeps with the recording."""
    account_id, recording = account(visit), words.recording_ref(visit.request.parts["recording"])
    patch, owner = read_change(visit.request), user(visit)
    return ChangeRecording(account_id=account_id, recording=recording, extras_patch=patch, known_user=owner)


def log_out(visit: Visit) -> Nothing:  # noqa: ARG001 - one shape for all
    """As with Kazoo, whose tokens cannot be taken back either: they run out."""
    return Nothing()


def key_log_in(visit: Visit) -> LogIn:
    """A session for an account's API key.  A key's length is part of the schema."""
    data = open_data(visit.request)
    key = _text(data, "api_key")
    if len(key) != KEY_LENGTH:
        raise BadRequest(f"api_key must have {KEY_LENGTH} characters.", field="api_key", value=key)
    return LogIn(api_key=key)


def user_log_in(visit: Visit) -> LogIn:
    """A session for a user: a hash of name and password, and by what the account is known."""
    data = open_data(visit.request)
    credentials = _text(data, "credentials")
    if len(credentials) > KEY_LENGTH:
        raise BadRequest(
            f"credentials must have at most {KEY_LENGTH} characters.", field="credentials", value=credentials
        )
    method = data.get("method", "md5")
    if not isinstance(method, str) or method not in _METHODS:
        raise BadRequest("method must be md5 or sha.", field="method", value=str(method))
    name = next((data[key] for key in ("account_name", "account_realm", "realm") if data.get(key)), None)
    if name is None and "phone_number" in data:
        raise BadRequest(
            "The provided phone number could not be found.", field="phone_number", value=str(data["phone_number"])
        )
    if not isinstance(name, str):
        raise BadRequest("Field is required but missing.", field="account_name")
    return LogIn(account_name=name, method=_METHODS[method], digest=credentials.lower())


def preflight(visit: Visit) -> Nothing:  # noqa: ARG001 - one shape for all
    """Nothing but headers is asked for."""
    return Nothing()


def who_am_i(visit: Visit) -> Nothing:  # noqa: ARG001 - one shape for all
    """The caller says all."""
    return Nothing()


def tunnelled(reads: Mapping[str, Callable[[Visit], Command]]) -> Callable[[Visit], Command]:
    """A POST that carries another verb: whatever that verb's route would read."""

    def read(visit: Visit) -> Command:
        wanted = verb(visit.request)
        if wanted not in reads:
            raise NotOffered(visit.request.method, visit.request.path, allowed=tuple(reads))
        return reads[wanted](visit)

    return read


def verb(request: WireRequest) -> str:
    """The verb that is meant, upper case: ``?verb=``, or the body's, of a POST."""
    if request.method != "POST":
        return request.method
    said = request.first("verb") or open_envelope(request).get("verb") or request.method
    return str(said).upper()


def account(visit: Visit) -> UUID:
    """The path's account, which has to be the caller's.

    Raises:
        NotFound: it is no account's id.
        NotAllowed: it is another's, be there such an account or not.
    """
    text = visit.request.parts["account"]
    account_id = words.hex_id(text)
    if account_id is None:
        raise NotFound("account", text)
    if account_id != visit.account.id:
        raise NotAllowed("forbidden")
    return account_id


def user(visit: Visit) -> UUID | None:
    """The path's user, where it names one.

    Raises:
        NotFound: it is no user's id.
    """
    text = visit.request.parts.get("user")
    user_id = words.hex_id(text) if text is not None else None
    if text is not None and user_id is None:
        raise NotFound("user", text)
    return user_id


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if value is None or value == "":
        raise BadRequest("Field is required but missing.", field=name)
    if not isinstance(value, str):
        raise BadRequest(f"{name} must be a text.", field=name, value=str(value))
    return value
