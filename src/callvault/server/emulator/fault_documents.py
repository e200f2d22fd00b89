"""Faults as JSON: what ``POST …/emulator/faults`` takes, and what the state shows.

``{"status": 404}``, ``{"bytes_per_s": 8000}`` or ``{"notices_late_s": 5}``, each with ``dialect``, ``method``, ``path``
and ``times`` where it is not to hold everywhere and for ever.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from callvault.dialects.registry import NAMES
from callvault.errors import BadRequest
from callvault.server.emulator.faults import Deed, Fault, OddNotice, Refusal, SlowBody

REFUSALS = (401, 403, 404, 429)
FIRST_5XX, LAST_5XX = 500, 599
MOST_S = 3_600.0
MOST_BYTES = 1 << 40
MOST_COPIES = 10
MOST_TIMES = 1_000_000
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
WHERE = ("dialect", "method", "path", "times")
REFUSAL = ("status", "retry_after_s", "limit")
BODY = ("first_byte_after_s", "bytes_per_s", "break_after_bytes")
NOTICE = ("notices_late_s", "notice_copies")


def read_faults(document: Any) -> tuple[Fault, ...]:  # noqa: ANN401 - JSON values
    """One fault, or a list of them.

    Raises:
        BadRequest: something in it is not known or out of its range; names the field.
    """
    entries = document if isinstance(document, list) else [document]
    return tuple(_fault(entry) for entry in entries)


def write_fault(fault: Fault, left: int | None) -> dict[str, Any]:
    """Turn ``read_faults`` back; ``left`` of its times."""
    return {
        "dialect": fault.dialect,
        "method": fault.method,
        "path": fault.path,
        "times": left,
        **_written(fault.deed),
    }


def _fault(entry: Any) -> Fault:  # noqa: ANN401
    if not isinstance(entry, Mapping):
        raise BadRequest("A fault must be a JSON object, or several of them a list.")
    known = (*WHERE, *REFUSAL, *BODY, *NOTICE)
    for name in entry:
        if name not in known:
            raise BadRequest(f"A fault has no field {name!r}; it takes {', '.join(known)}.", field=str(name))
    return Fault(
        dialect=_word(entry, "dialect", NAMES),
        method=_word(entry, "method", METHODS),
        path=_path(entry.get("path")),
        times=_times(entry),
        deed=_deed({name: value for name, value in entry.items() if name not in WHERE and value is not None}),
    )


def _deed(entry: Mapping[str, Any]) -> Deed:
    families = [names for names in (REFUSAL, BODY, NOTICE) if any(name in names for name in entry)]
    if len(families) != 1 or (families == [REFUSAL] and "status" not in entry):
        raise BadRequest(
            f"A fault says one thing that goes wrong: status (with retry_after_s and limit), or some of"
            f" {', '.join(BODY)}, or some of {', '.join(NOTICE)}."
        )
    if families == [REFUSAL]:
        return Refusal(
            status=_status(entry["status"]),
            retry_after_s=_number(entry, "retry_after_s", 0, MOST_S, 1.0),
            limit=int(_number(entry, "limit", 1, MOST_TIMES, 100)),
        )
    if families == [BODY]:
        broken, pace = "break_after_bytes" in entry, "bytes_per_s" in entry
        return SlowBody(
            first_byte_after_s=_number(entry, "first_byte_after_s", 0, MOST_S, 0.0),
            bytes_per_s=_number(entry, "bytes_per_s", 1, MOST_BYTES) if pace else None,
            break_after_bytes=int(_number(entry, "break_after_bytes", 0, MOST_BYTES)) if broken else None,
        )
    return OddNotice(
        late_s=_number(entry, "notices_late_s", 0, MOST_S, 0.0),
        copies=int(_number(entry, "notice_copies", 1, MOST_COPIES, 1)),
    )


def _written(deed: Deed) -> dict[str, Any]:
    if isinstance(deed, Refusal):
        limits = {"retry_after_s": deed.retry_after_s, "limit": deed.limit} if deed.status == 429 else {}
        return {"status": deed.status, **limits}
    if isinstance(deed, OddNotice):
        return {"notices_late_s": deed.late_s, "notice_copies": deed.copies}
    told = zip(BODY, (deed.first_byte_after_s, deed.bytes_per_s, deed.break_after_bytes), strict=True)
    return {name: value for name, value in told if value is not None}


def _status(value: Any) -> int:  # noqa: ANN401
    if type(value) is not int or (value not in REFUSALS and not FIRST_5XX <= value <= LAST_5XX):
        known = ", ".join(map(str, REFUSALS))
        raise BadRequest(f"status must be {known} or {FIRST_5XX} to {LAST_5XX}, not {value!r}.", field="status")
    return value


def _times(entry: Mapping[str, Any]) -> int | None:
    """A fault happens once unless it says otherwise; null says for ever."""
    if "times" in entry and entry["times"] is None:
        return None
    return int(_number(entry, "times", 1, MOST_TIMES, 1))


def _path(value: Any) -> str:  # noqa: ANN401
    if value is None:
        return "**"
    if not isinstance(value, str) or not value.startswith(("/", "*")):
        raise BadRequest(f"path must begin with / or *, not {value!r}.", field="path")
    return value


def _word(entry: Mapping[str, Any], name: str, words: Sequence[str]) -> str | None:
    value = entry.get(name)
    if value is not None and value not in words:
        raise BadRequest(f"{name} must be one of {', '.join(words)}, not {value!r}.", field=name)
    return None if value is None else str(value)


def _number(entry: Mapping[str, Any], name: str, least: float, most: float, usual: float = 0) -> float:
    if name not in entry:
        return usual
    value = entry[name]
    whole = name in {"times", "limit", "break_after_bytes", "notice_copies"}
    kinds = (int,) if whole else (int, float)
    if type(value) not in kinds or not math.isfinite(value) or not least <= value <= most:
        kind = "a whole number" if whole else "a number"
        raise BadRequest(f"{name} must be {kind} from {least:g} to {most:g}, not {value!r}.", field=name)
    return float(value)
