"""Header fields as a message holds them: in order, spelt as they came.

What lives here: the list, and how it is looked through.  What does not: what any field means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from callvault.protocols.sip.grammar import split_outside

COMPACT = {
    "a": "accept-contact",  # RFC 3841
    "b": "referred-by",  # RFC 3892
    "c": "content-type",  # RFC 3261, as all that follow without a number
    "d": "request-disposition",  # RFC 3841
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",  # RFC 3841
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "n": "identity-info",  # RFC 4474
    "o": "event",  # RFC 6665
    "r": "refer-to",  # RFC 3515
    "s": "subject",
    "t": "to",
    "u": "allow-events",  # RFC 6665
    "v": "via",
    "x": "session-expires",  # RFC 4028
    "y": "identity",  # RFC 8224
}


@lru_cache(maxsize=512)  # a request is looked through some two hundred times, and names are few
def long_name(name: str) -> str:
    """The name that two spellings of one field share: lower case, and never the compact form."""
    lowered = name.lower()
    return COMPACT.get(lowered, lowered)


@dataclass(frozen=True, kw_only=True, slots=True)
class Headers:
    """The fields of one message."""

    fields: tuple[tuple[str, str], ...] = ()
    """Name as it was written, value unfolded and without white space at its ends."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.fields)

    def first(self, name: str) -> str | None:
        """The value of the first field of this name (long form, any case)."""
        return next(self._values(name), None)

    def all(self, name: str) -> tuple[str, ...]:
        """The values of all fields of this name, as many as there are lines."""
        return tuple(self._values(name))

    def listed(self, name: str) -> tuple[str, ...]:
        """The members of a field that is a list, over all its lines; empty members are passed over."""
        return tuple(member for value in self._values(name) for member in split_outside(value, ",") if member)

    def tags(self, name: str) -> frozenset[str]:
        """The members of a list of words, such as Supported, in lower case and without parameters."""
        return frozenset(member.partition(";")[0].strip().lower() for member in self.listed(name))

    def __contains__(self, name: str) -> bool:
        return self.first(name) is not None

    def _values(self, name: str) -> Iterator[str]:
        wanted = name.lower()
        return (value for known, value in self.fields if long_name(known) == wanted)


NO_HEADERS = Headers()
