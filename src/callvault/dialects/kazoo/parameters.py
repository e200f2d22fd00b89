"""The recording parameters, row by row of the page's table: from their JSON to a ``Wish``, for requests and settings.

Texts that hold a number or a truth are taken for it, as Kazoo does before it checks a schema.  What does not live
here: what ``action`` comes to (``steering``), when a setting applies (``automatic``).
Source: the page "Call Recording API"; the schemas ``callflows.record_call``, ``metaflows.record_call`` and
``call_recording.parameters`` (4.3, read 2026-11).  Decisions: NOTES.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callvault.dialects.kazoo import words
from callvault.errors import BadRequest
from callvault.model.destination import Network, check_url_and_credentials, without_credentials
from callvault.model.media import MediaFormat
from callvault.model.recording import Origin
from callvault.model.wish import Cue, Push, Wish

FORMATS = {"mp3": MediaFormat.MP3, "wav": MediaFormat.WAV}
USUAL_FORMAT = MediaFormat.MP3
USUAL_LIMIT_S = 3600
LEAST_LIMIT_S, MOST_LIMIT_S = 5, 10_800
RATES = frozenset({8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000})
"""What a file can have; at any other rate Kazoo records at the channel's own."""
LONGEST_NAME = 200
LONGEST_TEXT = 512
MOST_INTEGER = 1 << 31
_UNFIT_IN_NAMES = re.compile("[\x00-\x1f\x7f\ud800-\udfff\"']")
_TRUTHS = {"true": True, "false": False}


class Unfit(BadRequest):
    """A value breaks a rule of its schema."""

    code = "unfit"

    def __init__(
        self, message: str, *, path: tuple[str, ...], rule: str, said: object = None, target: object = None
    ) -> None:
        super().__init__(message, field=path[-1], value=None if said is None else str(said))
        self.path = path
        """Where it stands in the request's data."""
        self.rule = rule
        self.said = said
        self.target = target
        """What would have been right."""


class WrongAction(BadRequest):
    """An action that the path does not take."""

    code = "wrong-action"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameters:
    """One parameter object, and where it stood."""

    said: Mapping[str, Any]
    path: tuple[str, ...] = ()

    def text(self, key: str) -> str | None:
        """A text; None where there is none, or an empty one."""
        value = self.said.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self.unfit(key, "type", f"{key} must be a text.", target="string")
        if len(value) > LONGEST_TEXT * 4 or _is_unsound(value):
            raise self.unfit(key, "invalid", f"{key} is too long, or holds what no text has.")
        return value

    def whole(self, key: str) -> int | None:
        """A whole number, which may be written as a text."""
        value = self.said.get(key)
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII):
            value = int(value)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= MOST_INTEGER:
            raise self.unfit(key, "type", f"{key} must be a whole number.", target="integer")
        return value

    def truth(self, key: str) -> bool | None:
        """A truth, which may be written as a text."""
        value = self.said.get(key)
        if isinstance(value, str):
            value = _TRUTHS.get(value.lower(), value)
        if value is None or isinstance(value, bool):
            return value
        raise self.unfit(key, "type", f"{key} must be true or false.", target="boolean")

    def choice(self, key: str, choices: Sequence[str]) -> str | None:
        """One of some words, in either case."""
        value = self.text(key)
        if value is None:
            return None
        if value.lower() not in choices:
            sentence = f"{key} must be one of {', '.join(choices)}."
            raise self.unfit(key, "enum", sentence, target=list(choices))
        return value.lower()

    def unfit(self, key: str, rule: str, message: str, *, target: object = None) -> Unfit:
        """What is wrong with a key."""
        return Unfit(message, path=(*self.path, key), rule=rule, said=self.said.get(key), target=target)


def read_wish(parameters: Parameters, *, origin: Origin, networks: Sequence[Network]) -> Wish:
    """How a recording is to be made.  ``networks``: where files may be pushed besides public addresses.

    ``origin`` among the parameters is read-only and is not looked at.

    Raises:
        Unfit: a parameter breaks its schema.
    """
    form, name = _form_and_name(parameters)
    push = _push(parameters, networks)
    kept = {
        key: value for key, value in (("name", name), ("url", without_credentials(push.url) if push else None)) if value
    }
    follows = parameters.truth("should_follow_transfer")
    return Wish(
        format=form,
        cue=_cue(parameters),
        most_s=float(limit(parameters)),
        least_s=float(_at_least(parameters, "record_min_sec", 0) or 0),
        sample_rate=_rate(parameters),
        follows_transfer=follows is not False,
        file_name=name,
        label=parameters.text("label"),
        origin=origin,
        push=push,
        extras={words.NAME: kept} if kept else {},
    )


def limit(parameters: Parameters) -> int:
    """``time_limit`` in seconds.

    Raises:
        Unfit: it is no whole number, or outside 5 to 10800.
    """
    said = _at_least(parameters, "time_limit", LEAST_LIMIT_S)
    if said is None:
        return USUAL_LIMIT_S
    if said > MOST_LIMIT_S:
        raise parameters.unfit(
            "time_limit", "maximum", f"time_limit must be at most {MOST_LIMIT_S}.", target=MOST_LIMIT_S
        )
    return said


def safe_name(text: str) -> str:
    """What is left of a name when it cannot lead anywhere: no path, no control characters, no leading dots."""
    last = re.split(r"[/\\]", text)[-1]
    return _UNFIT_IN_NAMES.sub("", last).strip().lstrip(".").strip()[-LONGEST_NAME:]


def _form_and_name(parameters: Parameters) -> tuple[MediaFormat, str | None]:
    """With ``media_name`` its extension decides; one that is none of the two becomes ``.mp3``."""
    word = parameters.choice("format", tuple(FORMATS))
    wished = parameters.text("media_name")
    if wished is None:
        return FORMATS[word] if word else USUAL_FORMAT, None
    name = safe_name(wished)
    if not name:
        raise parameters.unfit("media_name", "invalid", "media_name must be the name of a file.")
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension in FORMATS:
        return FORMATS[extension], name
    return MediaFormat.MP3, f"{name}.mp3"


def _cue(parameters: Parameters) -> Cue:
    """Both may be true; then the answer decides."""
    on_answer, on_bridge = parameters.truth("record_on_answer"), parameters.truth("record_on_bridge")
    if on_answer:
        return Cue.ANSWERED
    return Cue.BRIDGED if on_bridge else Cue.NOW


def _rate(parameters: Parameters) -> int | None:
    rate = parameters.whole("record_sample_rate")
    return rate if rate in RATES else None


def _at_least(parameters: Parameters, key: str, least: int) -> int | None:
    said = parameters.whole(key)
    if said is not None and said < least:
        raise parameters.unfit(key, "minimum", f"{key} must be at least {least}.", target=least)
    return said


def _push(parameters: Parameters, networks: Sequence[Network]) -> Push | None:
    method = parameters.choice("method", ("put", "post")) or "put"
    url = parameters.text("url")
    if url is None:
        return None
    try:
        check_url_and_credentials(url, "url", networks)
    except BadRequest as error:
        raise parameters.unfit("url", "error", f"invalid client URL: {error}") from None
    return Push(url=url, method=method.upper())


def _is_unsound(text: str) -> bool:
    return "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)
