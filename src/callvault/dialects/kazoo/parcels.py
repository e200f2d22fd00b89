"""The URL under which a file is pushed, and read back: the sending end of what ``pushes`` receives.

The file's name goes behind a URL without a query, and into the last parameter of one with a query: behind a bare
``x=``, behind an ``x`` to which the ``=`` is given, or into one of its own where the last has a value.  Then come
Kazoo's own parameters in the order of 4.3; what is not known is there without a value.  Who reads a file back asks with
everything that the document says besides.
Source: ``kapps_call_recording.erl``, ``kz_att_http.erl``, ``kz_att_util.erl`` (4.3, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from callvault.dialects.contract import Terms
from callvault.dialects.kazoo import words
from callvault.dialects.kazoo.documents import document
from callvault.model.recording import Recording
from callvault.model.shipment import Address
from callvault.model.wish import Push

FILE_PARAMETER = "recording"
ORDER = (
    "from",
    "to",
    "caller_id_name",
    "caller_id_number",
    "call_id",
    "cdr_id",
    "interaction_id",
    "owner_id",
    "account_id",
    "start",
    "duration_ms",
    "recording_id",
)


def push_address(recording: Recording, push: Push, terms: Terms) -> Address:
    """Where the file goes."""
    said = _told(recording, terms)
    return _address(recording, push, [(name, said.get(name)) for name in ORDER])


def read_back_address(recording: Recording, push: Push, terms: Terms) -> Address:
    """Where it is read back from."""
    said = _told(recording, terms)
    more = [(name, value) for name, value in document(recording, terms).items() if name not in ORDER]
    return _address(recording, push, [(name, said.get(name)) for name in ORDER] + more)


def _told(recording: Recording, terms: Terms) -> Mapping[str, Any]:
    told = document(recording, terms)
    return {**told, "account_id": recording.account_id.hex, "recording_id": told["id"]}


def _address(recording: Recording, push: Push, said: list[tuple[str, Any]]) -> Address:
    form = words.SERVED[recording.format]
    call = words.call_id(recording)
    file = f"{words.PUSHED_FILE}{call}.{form}"
    url, _, _ = push.url.partition("#")
    query = "&".join(f"{name}={_written(value)}" for name, value in said if not isinstance(value, Mapping | list))
    return Address(url=f"{_with_file(url, file)}{query}", content_type=words.CONTENT_TYPE[form], form=form)


def _with_file(url: str, file: str) -> str:
    """The URL up to where the parameters begin."""
    base, mark, query = url.partition("?")
    if not mark:
        return f"{base.rstrip('/')}/{quote(file, safe='@:')}?"
    last = query.rpartition("&")[2]
    if not last:
        return f"{url}{FILE_PARAMETER}={quote_plus(file)}&"
    if "=" not in last:
        return f"{url}={quote_plus(file)}&"
    name, _, value = last.partition("=")
    if name and not value:
        return f"{url}{quote_plus(file)}&"
    return f"{url}&{FILE_PARAMETER}={quote_plus(file)}&"


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote_plus(str(value))
