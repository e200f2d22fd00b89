"""Wire to core: one function an operation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from callvault.dialects.callvault import operations, words
from callvault.dialects.callvault import parameters as p
from callvault.dialects.callvault.asked import Asked, Parameter
from callvault.dialects.callvault.cards import add_to_card
from callvault.dialects.callvault.operation import Operation
from callvault.dialects.callvault.pages import Bookmark
from callvault.dialects.callvault.parameters import Bounds
from callvault.dialects.callvault.words import Form, Order
from callvault.dialects.contract import Visit
from callvault.errors import BadRequest
from callvault.model.card import Card
from callvault.model.life import LISTED
from callvault.model.party import Party
from callvault.model.query import ALWAYS, Axis, Position, RecordingQuery, Span
from callvault.vault.commands import DeleteRecording, FindRecordings, GetRecording, Nothing, OpenMedia, TakeIn

_PACKED = "The body must be the audio itself"


def find(visit: Visit) -> FindRecordings:
    """A page of recordings."""
    asked = Asked(visit.request, p.FIND)
    axis, descending = asked[p.SORT], asked[p.ORDER] is Order.DESC
    return FindRecordings(
        query=RecordingQuery(
            account_id=visit.account.id,
            statuses=frozenset(asked.every(p.STATUS)) or LISTED,
            user_id=asked[p.USER_ID],
            call_id=asked[p.CALL_ID],
            call_session_id=asked[p.CALL_SESSION_ID],
            conference_id=asked[p.CONFERENCE_ID],
            connection_id=asked[p.CONNECTION_ID],
            sip_call_id=asked[p.SIP_CALL_ID],
            source=asked[p.SOURCE],
            direction=asked[p.DIRECTION],
            from_number=asked[p.FROM],
            to_number=asked[p.TO],
            either_number=asked[p.NUMBER],
            started=_span(asked, p.STARTED),
            created=_span(asked, p.CREATED),
            ended=_span(asked, p.ENDED),
            updated=_span(asked, p.UPDATED),
            axis=axis,
            descending=descending,
            limit=asked[p.LIMIT],
            after=_place(asked, axis, descending=descending),
            page=asked[p.PAGE],
            with_total=asked[p.TOTAL],
        )
    )


def get(visit: Visit) -> GetRecording:
    """One recording."""
    Asked(visit.request, operations.GET.parameters)
    return GetRecording(account_id=visit.account.id, recording=words.recording_ref(visit.request.parts["recording"]))


def delete(visit: Visit) -> DeleteRecording:
    """Entry and audio."""
    Asked(visit.request, operations.DELETE.parameters)
    return DeleteRecording(account_id=visit.account.id, recording=words.recording_ref(visit.request.parts["recording"]))


def media(visit: Visit) -> OpenMedia:
    """The audio in the form that is asked for."""
    asked = Asked(visit.request, p.MEDIA)
    form, channels = asked[p.FORMAT], asked[p.CHANNELS]
    if form is Form.ORIGINAL and channels is not None:
        raise BadRequest("The original has the channels that it has; leave channels out.", field=p.CHANNELS.name)
    return OpenMedia(
        account_id=visit.account.id,
        recording=words.recording_ref(visit.request.parts["recording"]),
        form=words.MEDIA_FORMAT[form] if form is not None else None,
        channels=channels,
        original=form is Form.ORIGINAL,
    )


def upload(visit: Visit) -> TakeIn:
    """The body is the audio; what is known of it stands in the query and in the card, each thing once."""
    request = visit.request
    asked = Asked(request, p.UPLOAD)
    kind = (request.header("content-type") or "").strip().lower()
    if kind.startswith("multipart/"):
        raise BadRequest(f"{_PACKED}, not a form that contains it.", field="Content-Type", value=kind)
    encoding = (request.header("content-encoding") or "identity").strip().lower()
    if encoding != "identity":
        raise BadRequest(f"{_PACKED}, not {encoding} of it.", field="Content-Encoding", value=encoding)
    length = request.header("content-length")
    return TakeIn(
        account_id=visit.account.id,
        card=_card(asked),
        content=request.stream if request.stream is not None else _one_piece(request.body),
        key=asked[p.IDEMPOTENCY_KEY],
        expected_bytes=int(length) if length is not None and length.isascii() and length.isdigit() else None,
    )


def nothing(operation: Operation) -> Any:  # noqa: ANN401 - a reader
    """A reader that asks nothing of the vault, and takes no parameters."""

    def read(visit: Visit) -> Nothing:
        Asked(visit.request, operation.parameters)
        return Nothing()

    return read


def _card(asked: Asked) -> Card:
    card = asked[p.METADATA] or Card()
    card = add_to_card(card, {name: asked[parameter] for parameter, name in p.SAID.items()})
    return replace(
        card,
        caller=_party(card.caller, asked, p.FROM, "caller.number"),
        callee=_party(card.callee, asked, p.TO, "callee.number"),
    )


def _party(party: Party, asked: Asked, parameter: Parameter[str], told: str) -> Party:
    number = asked[parameter]
    if number is None:
        return party
    if party.number is not None:
        raise BadRequest(f"{parameter.name} stands in the query, and {told} in the card; say it once.", field=told)
    return replace(party, number=number)


def _span(asked: Asked, bounds: Bounds) -> Span:
    from_, before, through = asked[bounds.from_], asked[bounds.before], asked[bounds.through]
    return Span(from_=from_, before=before, through=through) if from_ or before or through else ALWAYS


def _place(asked: Asked, axis: Axis, *, descending: bool) -> Position | None:
    bookmark: Bookmark | None = asked[p.AFTER]
    if bookmark is None:
        return None
    if asked[p.PAGE] is not None:
        raise BadRequest("after and page both say where to begin; give one of them.", field=p.PAGE.name)
    if (bookmark.axis, bookmark.descending) != (axis, descending):
        order = Order.DESC if bookmark.descending else Order.ASC
        raise BadRequest(
            f"after comes from a list with sort={bookmark.axis} and order={order}; ask for the same again.",
            field=p.AFTER.name,
        )
    return bookmark.position


async def _one_piece(body: bytes) -> AsyncIterator[bytes]:
    yield body
