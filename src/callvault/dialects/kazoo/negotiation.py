"""In what form the answer is wanted: ``?accept=`` decides, then the ``Accept`` header, then it is the document.

Kazoo takes two names for audio and answers nothing to ``audio/*``; here every name for the audio that can be given is
taken.  Each means the attachment, whatever its true type (``cb_recordings.erl``, read 2026-11).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from callvault.dialects.kazoo.envelopes import open_envelope
from callvault.errors import BadRequest
from callvault.wire import WireRequest


class Form(enum.Enum):
    """What can be given."""

    DOCUMENT = enum.auto()
    AUDIO = enum.auto()
    TABLE = enum.auto()


_DOCUMENT = dict.fromkeys(("application/json", "application/x-json", "application/*", "*/*", "json"), Form.DOCUMENT)
_OF_RECORDING = _DOCUMENT | dict.fromkeys(
    ("audio/mpeg", "audio/mp3", "audio/*", "audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"), Form.AUDIO
)
_OF_LIST = _DOCUMENT | dict.fromkeys(
    ("text/csv", "text/comma-separated-values", "application/octet-stream", "csv"), Form.TABLE
)


def of_recording(request: WireRequest) -> Form:
    """The document or the audio.

    Raises:
        BadRequest: the header allows for neither.
    """
    form = _preferred(_tunnelled(request), _OF_RECORDING)
    header = request.header("accept")
    if form is None and header:
        form = _preferred(header, _OF_RECORDING)
        if form is None:
            raise BadRequest("A recording is given as application/json or audio/mpeg.", field="accept", value=header)
    return form or Form.DOCUMENT


def of_list(request: WireRequest) -> Form:
    """Documents or a table."""
    form = _preferred(_tunnelled(request), _OF_LIST) or _preferred(request.header("accept") or "", _OF_LIST)
    return form or Form.DOCUMENT


def _tunnelled(request: WireRequest) -> str:
    said = request.first("accept") or (open_envelope(request).get("accept") if request.method == "POST" else None)
    return said if isinstance(said, str) else ""


def _preferred(accept: str, forms: Mapping[str, Form]) -> Form | None:
    """The form with the highest quality; of equal ones the last named wins, as with Kazoo."""
    if not accept:
        return None
    best: tuple[float, Form] | None = None
    for entry in accept.split(","):
        name, *parameters = (part.strip().lower() for part in entry.split(";"))
        form, quality = forms.get(name), _quality(parameters)
        if form is not None and quality > 0 and (best is None or quality >= best[0]):
            best = quality, form
    return best[1] if best else None


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
