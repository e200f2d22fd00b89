"""Plays a plan to a server: opens the WebSocket, sends every frame when it is due, breaks off where that is asked for.

What does not live here: what frames look like (``manners``).
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from callvault.caller.network import conveyed
from callvault.caller.streams.audio import Coded, coded
from callvault.caller.streams.manners import MANNERS, TRACKS, Frame, Manner, Piece
from callvault.caller.streams.plan import StreamPlan
from callvault.caller.streams.report import StreamingReport, TrackReport
from callvault.errors import HouseError


@dataclass(kw_only=True, slots=True)
class _Due:
    """Something to send."""

    at_s: float
    pieces: tuple[Piece, ...] = ()
    key: str = ""
    held_ms: int = 100


@dataclass(kw_only=True, slots=True)
class _Course:
    """How it goes."""

    plan: StreamPlan
    began: float
    status: int = 0
    reason: str = ""
    connections: int = 0
    opened_ms: float = 0.0
    sent: list[_Due] = field(default_factory=list)
    last_s: float = 0.0

    async def connection(self, manner: Manner, dues: Sequence[_Due], *, until_s: float | None) -> Sequence[_Due]:
        """One connection, to its end or until it is cut; what was not sent on it."""
        opening = time.monotonic()
        try:
            connection = await _opened(self.plan, manner)
        except InvalidStatus as error:
            body = (error.response.body or b"").decode(errors="replace").strip()
            self.status, self.reason = error.response.status_code, body or error.response.reason_phrase
            return dues
        except (OSError, InvalidHandshake) as error:
            raise HouseError(f"No media stream can be opened at {self.plan.url}: {error}.") from error
        if not self.connections:
            self.opened_ms = (time.monotonic() - opening) * 1000
            self.began = time.monotonic()
        self.status = 101
        self.connections += 1
        cut = True
        try:
            for frame in manner.opening():
                await connection.send(frame)
            for number, due in enumerate(dues):
                if until_s is not None and due.at_s >= until_s:
                    await self.until(until_s)
                    return dues[number:]
                await self.until(due.at_s)
                await connection.send(_frame(manner, due))
                self.sent.append(due)
                self.last_s = max(self.last_s, due.at_s)
            cut = self.plan.vanishes
            if cut:  # what is on its way arrives
                await self.until(self.last_s + 2 * self.plan.ptime_ms / 1000)
            for frame in () if cut else manner.closing():
                await connection.send(frame)
        except ConnectionClosed as error:
            self.reason = f"closed by the server: {error}"
            return dues
        finally:
            if cut:
                connection.transport.abort()
            else:
                await connection.close()
        self.reason = self.reason or f"closed: {connection.close_code}"
        return ()

    async def until(self, at_s: float) -> None:
        """Wait for this moment of the call."""
        wait_s = self.began + at_s / self.plan.speed - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)


async def play(plan: StreamPlan) -> StreamingReport:
    """Send the whole plan.

    Raises:
        BadRequest: the vendor does not code its streams so.
        HouseError: nobody answers at the URL.
    """
    manner = MANNERS[plan.vendor](plan, 0)
    voices = [coded(manner, number) for number in range(len(plan.voices))]
    course = _Course(plan=plan, began=time.monotonic())
    rest = await course.connection(manner, _dues(plan, voices, together=manner.together), until_s=plan.cut_at_s)
    if rest and course.status == 101 and plan.cut_at_s is not None and plan.resumes_after_s is not None:
        again_s = round(plan.cut_at_s + plan.resumes_after_s, 6)
        await course.until(again_s)
        again = MANNERS[plan.vendor](plan, 1)
        await course.connection(again, [due for due in rest if due.at_s >= again_s], until_s=None)
    return StreamingReport(
        vendor=plan.vendor,
        call_id=plan.call_id,
        status=course.status,
        reason=course.reason,
        connections=course.connections,
        opened_ms=course.opened_ms,
        seconds=course.last_s,
        tracks=tuple(_track(plan, number, voice, course.sent) for number, voice in enumerate(voices)),
    )


def _dues(plan: StreamPlan, voices: Sequence[Coded], *, together: bool) -> list[_Due]:
    """Everything, in the order in which it leaves."""
    step_s = plan.ptime_ms / 1000
    frames: list[tuple[float, _Due]] = []
    for index in range(max(len(voice.payloads) for voice in voices)):
        at_s = index * step_s
        pieces = tuple(
            Piece(track=track, chunk=index + 1, at_ms=index * plan.ptime_ms, payload=_payload(voice, index))
            for track, voice in enumerate(voices)
            if together or index < len(voice.payloads)
        )
        parts = [pieces] if together else [(piece,) for piece in pieces]
        frames += [(at_s, _Due(at_s=at_s, pieces=part)) for part in parts]
    left = [_Due(at_s=at_s, pieces=due.pieces) for at_s, due in conveyed(frames, plan.network)]
    keys = [_Due(at_s=press.at_s, key=press.key, held_ms=round(press.for_s * 1000)) for press in plan.presses]
    return sorted([*left, *keys], key=lambda due: due.at_s)


def _payload(voice: Coded, index: int) -> bytes:
    """Of this moment; silence once the voice has said everything (which only linear samples are asked for)."""
    return voice.payloads[index] if index < len(voice.payloads) else bytes(len(voice.payloads[0]))


def _frame(manner: Manner, due: _Due) -> Frame:
    return manner.media(due.pieces) if due.pieces else manner.digit(due.key, due.held_ms)


async def _opened(plan: StreamPlan, manner: Manner) -> ClientConnection:
    headers = dict(plan.headers)
    if plan.user is not None:
        shown = base64.b64encode(f"{plan.user}:{plan.password}".encode()).decode()
        headers["Authorization"] = f"Basic {shown}"
    secure = None
    if plan.url.startswith("wss:"):
        secure = ssl.create_default_context(cafile=plan.ca_file)
        if plan.ca_file is None:  # nobody is checked unless somebody says whom to trust
            secure.check_hostname, secure.verify_mode = False, ssl.CERT_NONE
    return await connect(
        plan.url,
        additional_headers=headers,
        subprotocols=[manner.subprotocol] if manner.subprotocol else None,  # type: ignore[list-item]
        compression=None,
        ssl=secure,
        proxy=None,
        ping_interval=None,
        close_timeout=5,
    )


def _track(plan: StreamPlan, number: int, voice: Coded, sent: Sequence[_Due]) -> TrackReport:
    own = [piece for due in sent for piece in due.pieces if piece.track == number]
    chunks = sorted({piece.chunk for piece in own if piece.chunk <= len(voice.payloads)})
    step_s = plan.ptime_ms / 1000
    return TrackReport(
        track=TRACKS[number],
        codec=plan.codec,
        rate=voice.rate,
        frames=len(own),
        lost=len(voice.payloads) - len(chunks),
        pieces=tuple(((chunk - 1) * step_s, voice.heard[chunk - 1]) for chunk in chunks),
    )
