"""Core to wire: one function a noun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from callvault.dialects.callvault import operations, words
from callvault.dialects.callvault import parameters as p
from callvault.dialects.callvault.asked import once_more
from callvault.dialects.callvault.description.openapi import description
from callvault.dialects.callvault.documents import (
    account_object,
    page_object,
    ping_object,
    recording_object,
    recording_url,
)
from callvault.dialects.callvault.pages import bookmark
from callvault.dialects.callvault.words import JSON, Order
from callvault.dialects.contract import Terms, Visit
from callvault.dialects.toolbox.jsons import json_reply
from callvault.dialects.toolbox.ranges import content_disposition, media_reply
from callvault.model.actor import Account
from callvault.model.query import RecordingSlice
from callvault.model.recording import Recording
from callvault.model.wish import FILE_NAME, OWN
from callvault.vault.commands import OpenedMedia, TakenIn
from callvault.wire import WireReply


def say_page(page: RecordingSlice, visit: Visit) -> WireReply:
    """A page, and where the next one is: in the body, and as RFC 8288 has it."""
    url, token = _next(page, visit)
    document = page_object(page, visit.terms.base_url, after=token, url=url)
    headers = (("link", f'<{url}>; rel="next"'),) if url else ()
    return json_reply(document, content_type=JSON, headers=headers)


def say_one(recording: Recording, visit: Visit) -> WireReply:
    """One card."""
    return json_reply(recording_object(recording, visit.terms.base_url), content_type=JSON)


def say_taken_in(taken: TakenIn, visit: Visit) -> WireReply:
    """201 the first time, 200 from then on."""
    base_url = visit.terms.base_url
    return json_reply(
        recording_object(taken.recording, base_url),
        status=201 if taken.fresh else 200,
        content_type=JSON,
        headers=(("location", recording_url(taken.recording, base_url)),),
    )


def say_deleted(_: Recording, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """204, empty."""
    return WireReply(status=204)


def say_media(media: OpenedMedia, visit: Visit) -> WireReply:
    """The audio, to be played in place unless it is to be saved."""
    given = media.recording.extras.get(OWN, {}).get(FILE_NAME)
    name = f"{given or media.recording.id}".removesuffix(f".{media.format}") + f".{media.format}"
    save = visit.request.first(p.DOWNLOAD.name) == "true"
    return media_reply(
        media,
        visit.request,
        content_type=words.CONTENT_TYPE[media.format],
        disposition=content_disposition(name, inline=not save),
    )


def say_linked_media(media: OpenedMedia, visit: Visit) -> WireReply:
    """The audio, kept out of shared caches: they would go on giving it when the link has run out."""
    reply = say_media(media, visit)
    return replace(reply, headers=(*reply.headers, ("cache-control", "private")))


def say_account(_: None, visit: Visit) -> WireReply:
    """Who is asking."""
    return json_reply(account_object(visit.actor), content_type=JSON)


def say_pong(_: None, visit: Visit) -> WireReply:
    """That somebody is there."""
    return json_reply(ping_object(visit.terms.version), content_type=JSON)


def say_description(_: None, visit: Visit) -> WireReply:
    """Our own API, described."""
    return json_reply(description(visit.terms.base_url, visit.terms.version), content_type=JSON)


def names(recording: Recording, account: Account, terms: Terms) -> Mapping[str, str]:  # noqa: ARG001 - one shape for all
    """What our own API calls it."""
    url = recording_url(recording, terms.base_url)
    return {
        "recording_id": str(recording.id),
        "call_id": str(recording.call_id),
        "url": url,
        "media_url": url + "/media",
    }


def _next(page: RecordingSlice, visit: Visit) -> tuple[str | None, str | None]:
    """URL and token of the next page: the same question, from the last recording on, or from the next number."""
    if not page.more or not page.items:
        return None, None
    request = visit.request
    axis, order, number = once_more(request, p.SORT), once_more(request, p.ORDER), once_more(request, p.PAGE)
    token = bookmark(page.items[-1], axis, descending=order is Order.DESC)
    place = (p.PAGE.name, str(number + 1)) if number is not None else (p.AFTER.name, token)
    query = [pair for pair in request.query if pair[0] not in {p.PAGE.name, p.AFTER.name}]
    return f"{visit.terms.base_url}{operations.FIND.path}?{urlencode([*query, place])}", token
