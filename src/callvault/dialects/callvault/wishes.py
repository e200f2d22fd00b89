"""A wish as our own API takes and shows it: how a recording of a live call is to be made.  Each field is said once, for
the reading and for the description; what they mean is ``model.wish``'s matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from callvault.dialects.callvault import bodies, kinds
from callvault.dialects.callvault.bodies import Field, Fields, field_schemas, read_fields
from callvault.dialects.callvault.kinds import Kind
from callvault.dialects.contract import Terms
from callvault.errors import BadRequest
from callvault.model.destination import (
    LONGEST_URL,
    Network,
    check_url_and_credentials,
    read_networks,
    without_credentials,
)
from callvault.model.media import MediaFormat
from callvault.model.recording import Origin
from callvault.model.wish import Cue, Push, Track, Wish, write_wish

WEEK_S = 604_800
PUSH_METHODS = ("PUT", "POST")
LEAST_RATE, MOST_RATE = 8000, 48_000


def _file_name(text: str, field: str) -> str:
    name = kinds.TEXT.read(text, field)
    if "/" in name or "\\" in name or name.startswith("."):
        raise BadRequest(f"{field} must be the name of a file, never a path, and not begin with a dot.", field=field)
    return name


def _push(value: Any, name: str) -> Push:  # noqa: ANN401 - a JSON value
    if not isinstance(value, dict):
        raise BadRequest(f"{name} must be an object.", field=name)
    said = read_fields(value, PUSH, "push", needed=("url",), prefix=f"{name}.")
    return Push(**said)


def _method(text: str, field: str) -> str:
    if text not in PUSH_METHODS:
        raise BadRequest(f"{field} must be one of {', '.join(PUSH_METHODS)}, not {text!r}.", field=field, value=text)
    return text


_FILE_NAME: Kind[str] = Kind(
    read=_file_name,
    schema={**kinds.TEXT.schema, "pattern": r"^[^\x00-\x1f\x7f./\\][^\x00-\x1f\x7f/\\]*$"},
)
_URL: Kind[str] = Kind(read=lambda text, _: text, schema={"type": "string", "format": "uri", "maxLength": LONGEST_URL})
_METHOD: Kind[str] = Kind(read=_method, schema={"type": "string", "enum": list(PUSH_METHODS)})

PUSH: Fields = {
    "url": bodies.said_as(
        _URL,
        "Where it goes: http or https, to a public address; a name and a password before its `@` are shown nowhere.",
    ),
    "method": bodies.said_as(_METHOD, "How; `PUT` where nothing is said."),
}
_PUSH_SCHEMA = {
    "type": "object",
    "properties": field_schemas(PUSH),
    "required": ["url"],
    "additionalProperties": False,
}
WISH: Fields = {
    "format": bodies.word_of(MediaFormat, "What the recording says it is; every other form can be had of it too."),
    "channels": bodies.whole(1, 2, "1: everybody in one; 2: each side in its own. Without: as many as sides."),
    "track": bodies.word_of(Track, "Whose voices; `inbound` is what the recorded leg's party says."),
    "cue": bodies.word_of(Cue, "What it waits for: nothing, the first participant's stream, or the second's."),
    "most_s": bodies.number(0.1, WEEK_S, "It ends when it is so long, in seconds. Without: no limit."),
    "least_s": bodies.number(0, WEEK_S, "What is shorter, in seconds, is not kept."),
    "silence_s": bodies.number(0.1, WEEK_S, "It ends when nobody has spoken for so many seconds."),
    "sample_rate": bodies.whole(LEAST_RATE, MOST_RATE, "Of the file, in Hz. Without: as it came."),
    "trim": bodies.truth("Whether silence at its beginning and end is left out."),
    "follows_transfer": bodies.truth("Whether it goes on when one who speaks is replaced; true unless it is said."),
    "file_name": bodies.said_as(_FILE_NAME, "What the file is called where it is pushed or downloaded; never a path."),
    "label": bodies.text("A name of the user's own."),
    "origin": bodies.word_of(Origin, "What is said to have started it."),
    "push": Field(read=_push, schema=_PUSH_SCHEMA, about="Where the finished file is sent."),
    "extras": bodies.extras("What only a dialect has a word for, by dialect; kept with the recording."),
}


def read_wish_object(value: Any, name: str, *, prefix: str = "", usual: Wish | None = None) -> Wish:  # noqa: ANN401
    """A wish that stands in a body under ``name``; what it does not say is as in ``usual``.

    Raises:
        BadRequest: it is none.
    """
    if not isinstance(value, dict):
        raise BadRequest(f"{name} must be an object.", field=name)
    return replace(usual or Wish(), **read_fields(value, WISH, "wish", prefix=prefix))


def checked(wish: Wish, terms: Terms) -> Wish:
    """The wish, whose file goes to an address where notices may go.

    Raises:
        BadRequest: it does not.
    """
    if wish.push is not None:
        check_url_and_credentials(wish.push.url, "push.url", networks(terms))
    return wish


def networks(terms: Terms) -> Sequence[Network]:
    """What the operator allows besides public addresses."""
    return read_networks(str(terms.settings.get("hook_networks", "")))


def wish_object(wish: Wish) -> dict[str, Any]:
    """A wish without what is usual; of where its file goes, all but the credentials."""
    said = {name: _plain(value) for name, value in write_wish(wish).items()}
    if wish.push is not None:
        said["push"]["url"] = without_credentials(wish.push.url)
    return said


def _plain(value: Any) -> Any:  # noqa: ANN401
    return str(value) if isinstance(value, MediaFormat | Track | Cue | Origin) else value
