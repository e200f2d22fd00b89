"""What the header fields of a recording session's INVITE say of the recorded call.

What lives here: vendors' fields that are kept by name, Cisco's ways of naming participants without metadata, and ids.
What does not: SIP itself; fields come as pairs of name and value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from callvault.protocols.siprec.extensions import LONGEST
from callvault.protocols.spool.journal import Participant

Fields = Sequence[tuple[str, str]]
"""Names in any case, values readable as text."""
MOST = 64

_KEPT = frozenset(
    {
        "user-to-user",  # RFC 7433: UCIDs of Avaya and others
        "ac-session-id", "cisco-guid", "session-id", "diversion", "history-info", "p-asserted-identity",
        "p-charging-vector", "call-info", "subject",
    }
)  # fmt: skip
_NEVER = frozenset({"x-forwarded-for"})
_URI = re.compile(r"<([^<>]*)>|((?:sips?|tel):[^\s;,>]+)", re.IGNORECASE)
_X_PARAMETER = re.compile(r";\s*(x-[\w.-]+)(?:=([^;>\s]*))?", re.IGNORECASE)
_DISPLAY = re.compile(r'(?:"((?:[^"\\]|\\.)*)"\s*|([^<"]*))<')
_MEDIA_INDEX = re.compile(r';\s*media-index\s*=\s*"?([0-9]{1,2})"?', re.IGNORECASE)


def kept_fields(fields: Fields) -> dict[str, str]:
    """Fields that a vendor or its user added, by name as it was written; fields of one name are joined by commas."""
    found: dict[str, str] = {}
    spelt: dict[str, str] = {}
    for name, value in fields:
        lowered = name.lower()
        if not (lowered.startswith("x-") or lowered in _KEPT) or lowered in _NEVER:
            continue
        known = spelt.setdefault(lowered, name)
        if known in found:
            found[known] = f"{found[known]}, {value}"[:LONGEST]
        elif len(found) < MOST:
            found[known] = value[:LONGEST]
    return found


def ends_of(fields: Fields) -> dict[str, str]:
    """The parameters ``x-nearend...`` and ``x-farend...`` that Cisco's call managers put into From."""
    value = first(fields, "from")
    return {name.lower(): said for name, said in _X_PARAMETER.findall(value)} if value else {}


def participants_of(fields: Fields) -> tuple[Participant, ...]:
    """Who is in the call where no metadata says so: Cisco's own field, its From, or else From and To."""
    cisco = [value for name, value in fields if name.lower() == "x-cisco-recording-participant"]
    if cisco:
        return tuple(_indexed(number, value) for number, value in enumerate(cisco[:MOST]))
    ends = ends_of(fields)
    if "x-nearendaddr" in ends or "x-farendaddr" in ends:
        return tuple(_ends(ends))
    values = {name: first(fields, name) for name in ("from", "to")}
    return tuple(
        Participant(id=name, address=_uri(value), name=_display(value)) for name, value in values.items() if _uri(value)
    )


def first(fields: Fields, *names: str) -> str:
    """The value of the first field of one of these names, the first name preferred; empty where there is none."""
    return next((value for wanted in names for name, value in fields if name.lower() == wanted and value), "")


def any_of(values: Mapping[str, str], *names: str) -> str:
    """The first value under one of these names (lower case), the first name preferred."""
    lowered = {name.lower(): value for name, value in values.items()}
    return next((lowered[name] for name in names if lowered.get(name)), "")


def _indexed(number: int, value: str) -> Participant:
    index = _MEDIA_INDEX.search(value)
    line = int(index[1]) if index else number
    address = _uri(value)
    # whoever has a line's place after a transfer is somebody else
    return Participant(id=f"{line} {address or ''}".strip(), address=address, name=_display(value), sends=(line,))


def _ends(ends: Mapping[str, str]) -> Iterable[Participant]:
    """One call for each end: the end whose name stands alone is the one that is heard."""
    heard = "far" if "x-farend" in ends and "x-nearend" not in ends else "near"
    for end in ("near", "far"):
        address = ends.get(f"x-{end}endaddr")
        if address:
            streams: tuple[int, ...] = (0,)
            yield Participant(
                id=f"{end}end",
                address=address,
                sends=streams if end == heard else (),
                receives=() if end == heard else streams,
            )


def _uri(value: str) -> str | None:
    match = _URI.search(value)
    found = (match[1] or match[2] or "").strip() if match else value.partition(";")[0].strip()
    return found[:LONGEST] or None


def _display(value: str) -> str | None:
    match = _DISPLAY.match(value.strip())
    return ((match[1] or match[2] or "").strip() or None) if match else None
