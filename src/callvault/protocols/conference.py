"""What a client calls the conference that a call is in, wherever it puts that.

No vendor's page (November 2026) has a word for it in SIPREC or in a media stream's start, so it is among what the user
adds: a parameter of the stream, a header field ``X-...``, extension data of the metadata.  RFC 7865's group
(section 6.2) is not it: that ties the communication sessions of a transfer together too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_IDS = ("conferenceid", "conferencesid")
_NAMES = ("conferencename", "conferencefriendlyname")
_FILLING = re.compile(r"[-_ ]")


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldConference:
    """None where nothing was told."""

    id: str | None = None
    name: str | None = None


def told_conference(said: Mapping[str, str]) -> ToldConference:
    """From names and values: ``conference_id``, ``ConferenceSid``, ``X-Conference-Name``, in any spelling."""
    found: dict[str, str] = {}
    for name, value in said.items():
        word = _FILLING.sub("", name.rpartition(".")[2].lower().removeprefix("x-"))
        if value.strip():
            found.setdefault(word, value.strip())
    return ToldConference(
        id=next((found[word] for word in _IDS if word in found), None),
        name=next((found[word] for word in _NAMES if word in found), None),
    )
