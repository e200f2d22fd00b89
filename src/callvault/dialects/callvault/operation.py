"""What an operation of our own API is made of: one line of the reference, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from callvault.dialects.callvault.asked import Table
from callvault.dialects.callvault.words import JSON

NO_PARAMETERS = Table()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One good answer."""

    status: int
    about: str
    schema: str | None = None
    """Its name among the components; None: no body, or audio."""
    media_types: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    """Their names among the components."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Operation:
    """One line of our own reference."""

    id: str
    method: str
    path: str
    about: str
    """One line."""
    more: str = ""
    """What else there is to know."""
    parameters: Table = NO_PARAMETERS
    """Of query and headers."""
    answers: tuple[Answer, ...]
    refusals: tuple[int, ...] = ()
    """The statuses that this operation has reasons of its own for."""
    public: bool = False
    head: bool = False
    """Whether HEAD is worth describing; it is answered wherever GET is."""
    takes_audio: bool = False
    takes: str | None = None
    """The schema of its JSON body, by its name among the components."""
    may_be_empty: bool = False
    """Whether no body at all is as good as an empty object."""


def json_answer(schema: str, about: str, *, status: int = 200, headers: tuple[str, ...] = ()) -> Answer:
    """A good answer in JSON."""
    return Answer(status=status, about=about, schema=schema, media_types=(JSON,), headers=headers)
