"""Wire to core: one function an operation."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

import orjson

from callvault.dialects.bird import words
from callvault.dialects.contract import Visit
from callvault.dialects.toolbox.ids import write_uuid
from callvault.dialects.toolbox.pages import read_token, write_token
from callvault.dialects.toolbox.parameters import telephone, whole_number
from callvault.dialects.toolbox.times import parse_iso
from callvault.errors import BadRequest, NotAllowed, NotFound
from callvault.model.actor import Scope
from callvault.model.life import LISTED
from callvault.model.query import ALWAYS, Axis, Position, RecordingQuery, Span
from callvault.vault.commands import DeleteRecording, FindRecordings, GetRecording

Word = TypeVar("Word")

LIMIT = 10
MOST = 99
MOST_OF_CALL = 1000
LONGEST_TOKEN = 8000
FILTERS = ("sourceId", "channelId", "id", "direction", "startAt", "endAt", "from", "to", "status")
REMEMBERED = frozenset({"limit", *FILTERS})


def recordings(visit: Visit) -> FindRecordings:
    """The list of a workspace.

    Raises:
        NotFound: the workspace is not the caller's.
        BadRequest: a parameter is malformed or out of its range.
    """
    workspace = workspace_of(visit)
    asked, position = asked_of(visit)
    call, source = asked.get("id"), asked.get("sourceId")
    statuses, silent = _word(asked, "status", words.STATUSES, (LISTED, None))
    return FindRecordings(
        query=RecordingQuery(
            account_id=workspace,
            statuses=statuses,
            silent=silent,
            connection_id=asked.get("channelId"),
            direction=_word(asked, "direction", words.DIRECTIONS, None),
            from_number=_number(asked.get("from")),
            to_number=_number(asked.get("to")),
            created=_window(asked),
            axis=Axis.CREATED,
            descending=True,
            limit=whole_number(asked.get("limit"), "limit", default=LIMIT, least=1, most=MOST),
            at=position,
        ),
        call=None if call is None else words.call_ref(call),
        subject=None if source is None else words.call_ref(source),
    )


def recordings_of_call(visit: Visit) -> FindRecordings:
    """The list of a call; a page token is all that it takes besides a limit."""
    workspace = workspace_of(visit)
    asked, position = asked_of(visit)
    return FindRecordings(
        query=RecordingQuery(
            account_id=workspace,
            axis=Axis.CREATED,
            descending=True,
            limit=whole_number(asked.get("limit"), "limit", default=LIMIT, least=1, most=MOST_OF_CALL),
            at=position,
        ),
        call=words.call_ref(visit.request.parts["call"]),
    )


def one(visit: Visit) -> GetRecording:
    """One recording; a link to its audio where the id has an extension.

    Raises:
        NotAllowed: the caller may not listen.
    """
    name, form = words.split_extension(visit.request.parts["recording"])
    workspace = workspace_of(visit)
    if form is not None and not visit.actor.may(Scope.MEDIA):
        raise NotAllowed("This key may not hear recordings.")
    return GetRecording(account_id=workspace, recording=words.recording_ref(name))


def one_of_call(visit: Visit) -> GetRecording:
    """One recording of this call."""
    parts = visit.request.parts
    return GetRecording(
        account_id=workspace_of(visit),
        recording=words.recording_ref(parts["recording"]),
        call=words.call_ref(parts["call"]),
    )


def delete(visit: Visit) -> DeleteRecording:
    """Metadata and media at once."""
    recording = words.recording_ref(visit.request.parts["recording"])
    return DeleteRecording(account_id=workspace_of(visit), recording=recording)


def asked_of(visit: Visit) -> tuple[Mapping[str, str], Position | None]:
    """The parameters, and where to begin.

    A page token remembers the filters and the limit that it was given for: whether they are sent again with it or
    not, the list goes on.  What is sent again wins.
    """
    given = {name: value for name in REMEMBERED if (value := visit.request.first(name)) is not None}
    token = visit.request.first("pageToken")
    if not token:
        return given, None
    remembered, position = _read_page_token(token)
    return {**remembered, **given}, position


def page_token(visit: Visit, position: Position) -> str:
    """Where the next page begins, with what was asked for: base64 of a JSON array, as Bird's own."""
    asked, _ = asked_of(visit)
    document = orjson.dumps([write_token(position), asked], option=orjson.OPT_SORT_KEYS)
    return base64.urlsafe_b64encode(document).decode().rstrip("=")


def _read_page_token(token: str) -> tuple[dict[str, str], Position]:
    try:
        if len(token) <= LONGEST_TOKEN:
            padding = "=" * (-len(token) % 4)
            place, asked = orjson.loads(base64.b64decode(token + padding, altchars=b"-_", validate=True))
            if set(asked) <= REMEMBERED and all(isinstance(value, str) for value in asked.values()):
                return asked, read_token(place, "pageToken")
    except (ValueError, TypeError, AttributeError):
        pass
    raise BadRequest("pageToken is not a page token of this list.", field="pageToken", value=token)


def workspace_of(visit: Visit) -> UUID:
    """The path's workspace, which has to be the caller's: any other does not exist for it."""
    text = visit.request.parts["workspace"]
    if text.lower() != write_uuid(visit.account.id):
        raise NotFound("workspace", text)
    return visit.account.id


def _word(asked: Mapping[str, str], name: str, table: Mapping[str, Word], default: Word) -> Word:
    text = asked.get(name)
    if text is None:
        return default
    if text not in table:
        raise BadRequest(f"{name} must be one of {', '.join(table)}, not {text!r}.", field=name, value=text)
    return table[text]


def _number(text: str | None) -> str | None:
    number = telephone(text)
    return None if number is None else words.sought_number(number)


def _window(asked: Mapping[str, str]) -> Span:
    """``startAt`` and ``endAt`` belong to the window; it is one of ``createdAt``, by which the list is sorted."""
    start, end = asked.get("startAt"), asked.get("endAt")
    if start is None and end is None:
        return ALWAYS
    return Span(
        from_=None if start is None else parse_iso(start, "startAt"),
        through=None if end is None else parse_iso(end, "endAt"),
    )
