"""How a recording was captured, in our own API: reading what is asked, and saying it.

Both have the same path in front, and the same thing to say; no vendor's wire has a word for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from callvault.dialects.callvault import words
from callvault.dialects.callvault.asked import Asked
from callvault.dialects.callvault.operation import Operation
from callvault.dialects.callvault.words import JSON
from callvault.dialects.contract import Visit
from callvault.dialects.toolbox.jsons import json_reply
from callvault.model.capture import Captured, write_capture
from callvault.vault.commands import GetCapture
from callvault.wire import WireReply


def get(operation: Operation) -> Callable[[Visit], GetCapture]:
    """A reader of either operation."""

    def read(visit: Visit) -> GetCapture:
        Asked(visit.request, operation.parameters)
        return GetCapture(account_id=visit.account.id, recording=words.recording_ref(visit.request.parts["recording"]))

    return read


def say_capture(captured: Captured, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """Streams, quality, gaps, people, oddities."""
    return json_reply(_known(write_capture(captured.capture)), content_type=JSON)


def say_exchange(captured: Captured, visit: Visit) -> WireReply:  # noqa: ARG001
    """The messages, in order."""
    return json_reply({"messages": [asdict(message) for message in captured.exchange]}, content_type=JSON)


def _known(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The document without what is not known, as everywhere in this API."""
    if isinstance(value, dict):
        return {name: _known(each) for name, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_known(each) for each in value]
    return value
