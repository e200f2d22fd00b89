"""A command's parameters, read out of its JSON body; what is wrong with one is said with the vendor's own code.

What does not live here: what they come to (``steering``).  Source: the vendor's page of error codes (read 2026-11).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callvault.dialects.toolbox.jsons import json_object
from callvault.errors import BadRequest
from callvault.wire import WireRequest

LONGEST_ID = 255
LONGEST_STATE = 4096
ENUM = ("10032", "Value not in the list of valid values")
RANGE = ("10033", "Value outside of range")
CODES: Mapping[str, tuple[str, str]] = {
    "format": ("90000", "Invalid value for format"),
    "channels": ("90001", "Invalid value for channels"),
    "client_state": ("90017", "Invalid value for client_state"),
    "timeout_secs": ("90028", "Invalid value for timeout_secs"),
    "recording_track": ("90059", "Invalid value for recording_track"),
}
"""Parameters that have a code of their own, with its title."""


class Unfit(BadRequest):
    """A parameter of a command is not what it has to be."""

    code = "unfit"

    def __init__(self, message: str, *, name: str, value: object, said: tuple[str, str]) -> None:
        super().__init__(message, field=f"/{name}", value=str(value))
        self.said = said
        """The vendor's code, and its title."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameters:
    """What a body says."""

    said: Mapping[str, Any]

    def text(self, name: str, *, longest: int = LONGEST_ID) -> str | None:
        """A text that is not empty; None where there is none."""
        value = self.said.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
            raise self._unfit(name, f"{name} must be a text of 1 to {longest} characters.", RANGE)
        return value

    def name(self, name: str, *, longest: int) -> str | None:
        """What a file is to be called: a text that is no path."""
        value = self.text(name, longest=longest)
        if value is not None and (value.startswith(".") or "/" in value or "\\" in value):
            raise self._unfit(name, f"{name} must be a name and no path.", RANGE)
        return value

    def choice(self, name: str, words: Sequence[str], *, required: bool = False) -> str | None:
        """One of some words."""
        value = self.said.get(name)
        if value is None and not required:
            return None
        if value is None:
            raise BadRequest(f"{name} is missing: one of {', '.join(words)}.", field=f"/{name}")
        if not isinstance(value, str) or value not in words:
            raise self._unfit(name, f"{name} must be one of {', '.join(words)}.", ENUM)
        return value

    def whole(self, name: str, *, most: int) -> int:
        """A whole number from 0 on; 0 where there is none."""
        value = self.said.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise self._unfit(name, f"{name} must be a whole number from 0 to {most}.", RANGE)
        return value

    def truth(self, name: str) -> bool | None:
        """A truth, or None."""
        value = self.said.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._unfit(name, f"{name} must be true or false.", ENUM)
        return value

    def state(self) -> str | None:
        """``client_state``: a text in base64, which is handed back as it came."""
        value = self.said.get("client_state")
        if value is None:
            return None
        try:
            if isinstance(value, str) and len(value) <= LONGEST_STATE:
                base64.b64decode(value, validate=True)
                return value
        except (binascii.Error, ValueError):
            pass
        sentence = f"client_state must be a text in base64, of at most {LONGEST_STATE} characters."
        raise self._unfit("client_state", sentence, RANGE)

    def _unfit(self, name: str, message: str, usual: tuple[str, str]) -> Unfit:
        return Unfit(message, name=name, value=self.said.get(name), said=CODES.get(name, usual))


def parameters_of(request: WireRequest) -> Parameters:
    """What the body says; nothing where it is empty, as commands whose parameters are all optional are sent.

    Raises:
        BadRequest: it is no JSON object.
    """
    if not request.body.strip():
        return Parameters(said={})
    return Parameters(said=json_object(request.body, '{"format": "wav", "channels": "dual"}'))
