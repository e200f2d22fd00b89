"""Signed links: handing one out, and opening what it names.  How one is signed is the toolbox's matter."""

from __future__ import annotations

from datetime import timedelta

from callvault.dialects.callvault import parameters as p
from callvault.dialects.callvault import words
from callvault.dialects.callvault.asked import Asked
from callvault.dialects.callvault.documents import link_object
from callvault.dialects.contract import Visit
from callvault.dialects.toolbox.jsons import json_reply
from callvault.dialects.toolbox.links import check_link, media_link
from callvault.errors import Conflict, NotAllowed, NotFound
from callvault.model.actor import Scope
from callvault.model.media import RenditionSpec
from callvault.model.recording import Recording
from callvault.vault.commands import Access, GetRecording, OpenMedia
from callvault.wire import WireReply


def ask(visit: Visit) -> GetRecording:
    """Whoever may hear the recording may let others hear it."""
    Asked(visit.request, p.LINK)
    if not visit.actor.may(Scope.MEDIA):
        raise NotAllowed(
            f"This key may not hand out audio; it may {', '.join(sorted(visit.actor.scopes)) or 'nothing'}."
        )
    return GetRecording(account_id=visit.account.id, recording=words.recording_ref(visit.request.parts["recording"]))


def hand_out(recording: Recording, visit: Visit) -> WireReply:
    """The link, and the moment from which it opens nothing."""
    asked = Asked(visit.request, p.LINK)
    form, channels = asked[p.LINK_FORMAT], asked[p.CHANNELS]
    if not recording.hearable:
        raise NotFound("audio of recording", str(recording.id))
    if channels == 2 and recording.channels == 1:
        raise Conflict("The recording has one channel; 2 cannot be made of it.")
    terms = visit.terms
    now = terms.now.replace(microsecond=0)
    lifetime = timedelta(seconds=asked[p.LIFETIME])
    spec = RenditionSpec(format=(words.MEDIA_FORMAT[form] if form else None) or recording.format, channels=channels)
    url = media_link(terms.base_url, recording.id, spec, now=now, key=terms.link_key, lifetime=lifetime)
    return json_reply(
        link_object(url, now + lifetime),
        content_type=words.JSON,
        headers=(("cache-control", "no-store"),),
    )


def follow(visit: Visit) -> OpenMedia:
    """What a link names, once its signature has been checked.  Who follows it is of no matter."""
    request = visit.request
    recording_id, spec = check_link(
        request.parts["name"],
        request.first(p.EXPIRES.name) or "",
        request.first(p.CHANNELS.name),
        request.first(p.SIGNATURE.name) or "",
        now=visit.terms.now,
        key=visit.terms.link_key,
    )
    return OpenMedia(
        account_id=None,
        recording=words.recording_ref(str(recording_id)),
        form=spec.format,
        channels=spec.channels,
        access=Access.LINK,
    )
