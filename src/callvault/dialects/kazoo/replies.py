"""Core to wire: one function a noun, each in Kazoo's envelope.  The recording itself: ``documents``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import orjson

from callvault.dialects.contract import Terms, Visit
from callvault.dialects.kazoo import listings, negotiation, requests, words
from callvault.dialects.kazoo.auth import shown_token
from callvault.dialects.kazoo.documents import READ_ONLY, document, file_name, list_item
from callvault.dialects.kazoo.envelopes import is_pretty, revision_of, seal, truth
from callvault.dialects.kazoo.negotiation import Form
from callvault.dialects.kazoo.origins import cross_origin, preflight
from callvault.dialects.kazoo.tables import say_table
from callvault.dialects.toolbox.ranges import content_disposition, media_reply
from callvault.errors import NotFound, TooLarge
from callvault.model.actor import Account, Actor
from callvault.model.query import RecordingSlice
from callvault.model.recording import Recording
from callvault.vault.commands import OpenedMedia, Session
from callvault.wire import WireReply

LANGUAGE = "en-us"


def say_list(page: RecordingSlice, visit: Visit) -> WireReply:
    """Documents, and between which keys they lie; the revision is the hash of them all.

    Raises:
        TooLarge: everything was asked for at once, and is more than the setting allows.
    """
    items = [list_item(recording, visit.terms) for recording in page.items]
    if not listings.paginated(visit.request) and page.more:
        raise TooLarge(f"There are more than {len(items)} recordings; ask for pages, or for less time.")
    if negotiation.of_list(visit.request) is Form.TABLE:
        return say_table(items, visit.request)
    owner = requests.user(visit)
    following = {"next_start_key": listings.next_key(page.next, owner)} if page.next else {}
    paging: dict[str, Any] = {}
    if listings.paginated(visit.request):
        paging = {"page_size": len(items), "start_key": listings.first_key(visit, owner)} | following
    written = orjson.Fragment(orjson.dumps(items))  # once, for the hash and for the answer
    return seal(
        items if is_pretty(visit.request) else written,
        visit.request,
        visit.terms,
        token=shown_token(visit.request),
        revision=revision_of([following, written]) if items else None,
        paging=paging,
    )


def say_recording(answer: Recording | OpenedMedia, visit: Visit) -> WireReply:
    """The document, the audio, or what was deleted, as the route or the tunnelled verb has it."""
    if isinstance(answer, OpenedMedia):
        return say_audio(answer, visit)
    return say_deleted(answer, visit) if requests.verb(visit.request) == "DELETE" else say_one(answer, visit)


def say_one(recording: Recording, visit: Visit) -> WireReply:
    """The document.

    Raises:
        NotFound: it is still being recorded, and Kazoo writes the document at the end.
    """
    if not words.LISTED[recording.status]:
        raise NotFound("recording", words.recording_id(recording))
    data = document(recording, visit.terms)
    return seal(
        data,
        visit.request,
        visit.terms,
        token=shown_token(visit.request),
        revision=f"{recording.revision}-{revision_of(data)}",
    )


def say_deleted(recording: Recording, visit: Visit) -> WireReply:
    """The document, for the last time."""
    data = document(recording, visit.terms) | {READ_ONLY: {"deleted": True}}
    return seal(
        data,
        visit.request,
        visit.terms,
        token=shown_token(visit.request),
        revision=f"{recording.revision + 1}-{revision_of(data)}",
    )


def say_audio(media: OpenedMedia, visit: Visit) -> WireReply:
    """The audio as it was recorded, in its true type.  Its entity tag is of the bytes, not of the document."""
    reply = media_reply(
        media,
        visit.request,
        content_type=words.CONTENT_TYPE[media.format],
        disposition=content_disposition(file_name(media.recording), inline=truth(visit.request.first("inline"))),
    )
    return replace(reply, headers=(*reply.headers, ("vary", "accept"), *cross_origin(visit.request)))


def say_session(session: Session, visit: Visit) -> WireReply:
    """201, with the token where Kazoo's clients look for it."""
    return seal(_identity(session.actor), visit.request, visit.terms, token=session.token, status=201)


def say_identity(_: None, visit: Visit) -> WireReply:
    """Who the token is."""
    return seal(_identity(visit.actor), visit.request, visit.terms, token=shown_token(visit.request))


def say_logged_out(_: None, visit: Visit) -> WireReply:
    """200, and nothing to tell."""
    return seal({}, visit.request, visit.terms, token=shown_token(visit.request))


def say_preflight(_: None, visit: Visit) -> WireReply:
    """What a browser asks before a page of another origin may call."""
    return WireReply(status=200, headers=preflight(visit.request))


def names(recording: Recording, account: Account, terms: Terms) -> Mapping[str, str]:
    """What Kazoo's clients call it."""
    recording_id = words.recording_id(recording)
    url = f"{terms.base_url}/v2/accounts/{account.id.hex}/recordings/{quote(recording_id, safe='')}"
    return {
        "recording_id": recording_id,
        "call_id": words.call_id(recording),
        "url": url,
        "media_url": f"{url}?accept=audio/mpeg",
    }


def _identity(actor: Actor) -> dict[str, Any]:
    """Every account here stands alone: it is its own reseller."""
    account_id = actor.account.id.hex
    identity: dict[str, Any] = {
        "account_id": account_id,
        "account_name": actor.account.name,
        "is_reseller": False,
        "reseller_id": account_id,
        "language": LANGUAGE,
        "apps": [],
    }
    return identity | ({"owner_id": actor.user_id.hex} if actor.user_id else {})
