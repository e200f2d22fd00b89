"""The gate between signalling and media: how the one asks the other for sockets, and lets go of them.

What does not live here: who stands behind the gate (``media``), what the streams carry (``protocols.sdp``).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from callvault.capture.aim import Aim


class VeilState(enum.StrEnum):
    """What of a take's packets reaches its spool."""

    OPEN = "open"
    MASKED = "masked"
    """Their headers alone, so that counts and the timeline stay true."""
    SHUT = "shut"
    """Nothing: nobody records."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Veil:
    """What is spooled of a take from some moment on."""

    state: VeilState
    prebuffer_ms: int = 0
    """While it is shut: how much waits in memory, and is written first when it opens."""
    hide_keys: bool = False
    """Whether it is masked by itself while somebody presses keys: see ``KeyTypes``."""


OPEN_VEIL = Veil(state=VeilState.OPEN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Draw:
    """From a moment on (ns, UTC) a veil holds, for packets that arrive then or later."""

    at_ns: int
    veil: Veil


OPEN: Sequence[Draw] = (Draw(at_ns=0, veil=OPEN_VEIL),)
"""As most takes are from beginning to end."""
MOST_DRAWS = 8
"""That are remembered of one take: more than can matter to packets that wait in a socket."""


def with_draw(draws: Sequence[Draw], draw: Draw) -> list[Draw]:
    """One more.  What came before all that are remembered counts as masked."""
    if len(draws) < MOST_DRAWS:
        return [*draws, draw]
    hidden = replace(draws[2 - MOST_DRAWS], veil=Veil(state=VeilState.MASKED))
    return [hidden, *draws[2 - MOST_DRAWS :], draw]


def write_draws(draws: Iterable[Draw]) -> list[Any]:
    """As JSON."""
    return [[draw.at_ns, draw.veil.state, draw.veil.prebuffer_ms, draw.veil.hide_keys] for draw in draws]


def read_draws(document: Iterable[Any]) -> list[Draw]:
    """Turn ``write_draws`` back.

    Raises:
        TypeError, ValueError: it is no such document.
    """
    return [
        Draw(at_ns=at_ns, veil=Veil(state=VeilState(state), prebuffer_ms=prebuffer_ms, hide_keys=hide_keys))
        for at_ns, state, prebuffer_ms, hide_keys in document
    ]


def read_veil(document: Mapping[str, Any]) -> Veil:
    """Turn ``dataclasses.asdict`` back, after JSON.

    Raises:
        KeyError, TypeError, ValueError: it is no such document.
    """
    return Veil(**{**document, "state": VeilState(document["state"])})


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyTypes:
    """In which of a stream's packets pressed keys are looked for."""

    events: tuple[int, ...] = ()
    """Payload types that stand for keys (RFC 4733), encrypted or not."""
    tones: tuple[tuple[int, str, int], ...] = ((0, "PCMU", 8000), (8, "PCMA", 8000))
    """Payload types in which tones can be heard, with encoding (PCMU, PCMA, L16) and sampling rate; none where the
    stream is encrypted."""


USUAL_KEYS = KeyTypes()


def write_key_types(types: KeyTypes) -> dict[str, Any] | None:
    """As JSON; nothing for the usual ones, since nearly all of ten thousand streams have them."""
    return None if types == USUAL_KEYS else asdict(types)


def read_key_types(document: Mapping[str, Any] | None) -> KeyTypes:
    """Turn ``write_key_types`` or ``dataclasses.asdict`` back, after JSON.

    Raises:
        KeyError, TypeError, ValueError: it is no such document.
    """
    if document is None:
        return USUAL_KEYS
    tones = tuple((number, name, rate) for number, name, rate in document["tones"])
    return KeyTypes(events=tuple(document["events"]), tones=tones)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """A socket that is wanted for one stream."""

    stream: int
    """The stream's index within the take."""
    host: str
    """The address of ours on which packets are to come: ``0.0.0.0``, ``::``, or one of the machine's."""
    shared_rtcp: bool = False
    """Whether RTCP comes to the same port (RFC 5761)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A socket that is open; every packet that reaches it from now on is spooled."""

    stream: int
    port: int
    rtcp_port: int
    """The same where it is shared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What is known of a stream while it is live."""

    packets: int
    """Since the media worker began that drains it now; a successor counts anew."""
    last_ns: int | None
    """When the last packet came (UTC); None where none did."""
    source: tuple[str, int] | None
    """Where packets come from, which may be elsewhere than the client said (NAT)."""


class Gate(Protocol):
    """What signalling asks of media.  Every call can be repeated, by a successor too."""

    async def open(self, take: UUID, openings: Sequence[Opening], *, veil: Veil = OPEN_VEIL) -> Sequence[Opened]:
        """Sockets for streams of a take, more of them where it has some already.

        Where the take has none yet, its packets are spooled behind ``veil`` from the first one on.

        Raises:
            TooMany: no socket, port, memory or disk is left; nothing was opened.
        """

    async def veil(self, take: UUID, veil: Veil) -> int:
        """Draw a take's veil.  The moment (ns, UTC) from which on it holds, by the packets' arrival.

        Raises:
            MediaError: nobody says that it holds.
        """

    async def aim(self, take: UUID, stream: int, aim: Aim | None) -> None:
        """Where receiver reports of a stream go; None: nowhere."""

    async def look_for_keys(self, take: UUID, stream: int, types: KeyTypes) -> None:
        """In which packets of a stream keys are looked for, where they are to be hidden; until then, ``USUAL_KEYS``."""

    async def heard(self, take: UUID) -> Mapping[int, Heard]:
        """By stream; empty where nobody knows the take."""

    async def shut(self, take: UUID, streams: Sequence[int] | None = None) -> None:
        """Close sockets, of some streams or of all.  When it returns, whatever came is in the spool and synced."""
