"""TeXML's recording status callbacks: Twilio's form fields with Telnyx's ids, as one request asked for them.

What does not live here: the events that an account's hooks are told (``hooks``), which signs both alike.
Source: the types of the vendor's client 4.189, and its page on TeXML's callbacks (read 2026-11).
"""

from __future__ import annotations

from callvault.dialects.notices import Telling
from callvault.dialects.telnyx import words
from callvault.dialects.toolbox.links import link_to
from callvault.model.events import EventKind
from callvault.model.media import MediaFormat

TEXML = "texml"
"""What the hook's option ``form`` says."""
IN_PROGRESS, COMPLETED, ABSENT = "in-progress", "completed", "absent"
STATUS = {EventKind.STARTED: IN_PROGRESS, EventKind.AVAILABLE: COMPLETED, EventKind.FAILED: ABSENT}


def fields_of(telling: Telling) -> list[tuple[str, str]]:
    """What is told; what is not known is left out."""
    recording = telling.recording
    status = STATUS[telling.event.kind]
    form = MediaFormat.MP3 if recording.format is MediaFormat.MP3 else MediaFormat.WAV
    link = link_to(recording, form, telling.terms) if status == COMPLETED else None
    call = words.call_control_id(recording)
    told = {
        "AccountSid": str(recording.account_id),
        "CallSid": call,
        "CallSidLegacy": call,
        "ConnectionId": recording.connection_id,
        "RecordingChannels": str(recording.channels),
        "RecordingDuration": str((recording.duration_ms + 500) // 1000) if status == COMPLETED else None,
        "RecordingSid": words.recording_id(recording),
        "RecordingSource": words.INITIATED_BY[recording.origin],
        "RecordingStatus": status,
        "RecordingUrl": None if telling.hook.options.get("recording_url") == "false" else link,
    }
    return [(name, value) for name, value in told.items() if value]
