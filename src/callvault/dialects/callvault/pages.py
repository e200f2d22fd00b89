"""Page tokens of our lists: a place, and the order in which it is one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from callvault.dialects.callvault.kinds import Kind
from callvault.dialects.toolbox.pages import read_token, write_token
from callvault.errors import BadRequest
from callvault.model.query import Axis, Position
from callvault.model.recording import Recording

_FORM = r"([A-Za-z0-9_-]{32})([cs])([ad])"
_AXIS_LETTER = {Axis.CREATED: "c", Axis.STARTED: "s"}
_AXIS = {letter: axis for axis, letter in _AXIS_LETTER.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bookmark:
    """The last recording of a page.  In a list of another order the place would mean something else."""

    position: Position
    axis: Axis
    descending: bool


def bookmark(recording: Recording, axis: Axis, *, descending: bool) -> str:
    """The token behind which the next page begins: 32 characters for the place, one for each of the orders."""
    position = Position(at=sort_time(recording, axis), id=recording.id)
    return write_token(position) + _AXIS_LETTER[axis] + ("d" if descending else "a")


def read_bookmark(token: str, field: str) -> Bookmark:
    """Turn ``bookmark`` back.

    Raises:
        BadRequest: it is not one of ours.
    """
    match = re.fullmatch(_FORM, token)
    if match is None:
        raise BadRequest(f"{field} is not a page token of this list.", field=field, value=token)
    return Bookmark(position=read_token(match[1], field), axis=_AXIS[match[2]], descending=match[3] == "d")


def sort_time(recording: Recording, axis: Axis) -> datetime:
    """The time by which a list is sorted."""
    return recording.started_at if axis is Axis.STARTED else recording.created_at


BOOKMARK: Kind[Bookmark] = Kind(read=read_bookmark, schema={"type": "string", "pattern": f"^{_FORM}$"})
