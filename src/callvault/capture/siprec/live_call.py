"""One call while it lasts: from its INVITE to the end of its take, one event after the other.

What lives here: what is done about each event, in order, and with whom: the journal, the media gate, the recording
session, the SIP agent, the helm.  What does not: which trunk it is of (``admission``), and other calls (``door``).
What is answered has been journalled before; what cannot be served is refused, and the call stays as it was.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from callvault.capture.gate import OPEN_VEIL, Gate
from callvault.capture.media.keys import key_types_of
from callvault.capture.siprec.conversation import Agreed, Conversation
from callvault.capture.siprec.ledger import Ledger
from callvault.capture.siprec.signalling import Signalling
from callvault.capture.spools import Spools
from callvault.capture.steering.helm import Bridge, Helm
from callvault.errors import CallvaultError, HouseError, MediaError, NotFound, ProtocolError, TooMany
from callvault.protocols.sip import events
from callvault.protocols.spool.journal import Ended, Odd, Reason, StreamAgreed

log = logging.getLogger("callvault.siprec")

REASONS = {
    events.Ending.BYE: Reason.BYE,
    events.Ending.GONE: Reason.EXPIRED,
    events.Ending.HUNG_UP: Reason.STOPPED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """Those whom every call needs."""

    signalling: Signalling
    bridge: Bridge
    spools: Spools
    retry_after_s: int = 10

    @property
    def gate(self) -> Gate:
        """To the media."""
        return self.bridge.gate

    def now_ns(self) -> int:
        """Since 1970."""
        return self.bridge.now_ns()


class LiveCall:
    """One take under way."""

    def __init__(
        self,
        house: House,
        *,
        dialog: str,
        take: UUID,
        ledger: Ledger,
        conversation: Conversation,
        helm: Helm | None,
        forget: Callable[[str], object],
    ) -> None:
        """``forget`` is told the dialog when the take is nobody's business here any more.

        ``helm``: None where nobody knows whose call it is, so that it cannot be steered.
        """
        self.dialog = dialog
        self.take = take
        self.heard_ns = house.now_ns()
        """When something is known to have come, or the call began."""
        self.doubt: Reason | None = None
        """Why the client may be gone: its session timer ran out, or it never acknowledged our answer."""
        self.over = False
        """Whether the take has been handed over to be finished."""
        self.conversation = conversation
        self.helm = helm
        self._house = house
        self._ledger = ledger
        self._waiting: deque[events.Event] = deque()
        self._work: asyncio.Task[None] | None = None
        self._end: Reason | None = None
        self._forget = forget

    def handle(self, event: events.Event) -> None:
        """Something has happened; it is its turn when what came before is done."""
        if isinstance(event, events.Passed):
            if not self.over:
                at_ns = self._house.now_ns()
                self._ledger.exchanged(event.data, sent=event.sent, peer=event.flow.peer, at_ns=at_ns)
            return
        self._waiting.append(event)
        if self._work is None:
            self._work = asyncio.get_running_loop().create_task(self._work_through())

    def hang_up(self, reason: Reason) -> None:
        """End it from our side."""
        self._end = self._end or reason
        try:
            with self._house.signalling.speaking() as (agent, now):
                agent.bye(self.dialog, now)
        except NotFound:
            self.handle(events.Ended(dialog=self.dialog, ending=events.Ending.HUNG_UP))

    def go_on(self) -> None:
        """A predecessor had it: what holds for it is seen to before anything else."""
        if self.helm is not None:
            self._work = asyncio.get_running_loop().create_task(self._work_through(self.helm.tick()))

    def interrupt(self, *, ended: bool) -> None:
        """End a predecessor's take that cannot be gone on with; ``ended``: it is journalled that it has."""
        reason = None if ended else Reason.INTERRUPTED
        self._work = asyncio.get_running_loop().create_task(self._finish_only(reason))

    async def _finish_only(self, reason: Reason | None) -> None:
        try:
            await self.finish(reason)
        except Exception:
            log.exception("the take %s could not be ended", self.take)
        finally:
            self._work = None

    async def settled(self) -> None:
        """When nothing waits to be done."""
        while self._work is not None:
            await asyncio.shield(self._work)

    async def _work_through(self, first: Awaitable[None] | None = None) -> None:
        try:
            if first is not None:
                await first
            while self._waiting:
                event = self._waiting.popleft()
                try:
                    await self._do(event)
                except Exception:
                    log.exception("an event of the take %s could not be handled", self.take)
                    if isinstance(event, events.Asked):
                        self._refuse(event, 500, "Something went wrong here.")
        finally:
            self._work = None

    async def _do(self, event: events.Event) -> None:
        match event:
            case events.Informed():
                with self._house.signalling.speaking() as (agent, now):
                    agent.answer(event.transaction, now)
            case events.Asked():
                await self._serve(event)
            case events.Acked():
                await self._acknowledged(event)
            case events.Unacknowledged():
                self.doubt = Reason.UNACKNOWLEDGED
            case events.Expired():
                self.doubt = Reason.EXPIRED
            case events.Cancelled():
                await self.drop()
            case events.Ended():
                await self.finish(self._end or REASONS[event.ending])
            case _:
                pass

    async def _acknowledged(self, event: events.Acked) -> None:
        """Our answer has arrived; what we offered, where the client offered nothing, may be answered."""
        self.doubt = None
        try:
            agreed = self.conversation.acknowledged(event.request, self._house.now_ns())
        except ProtocolError as error:
            log.warning("the take %s is hung up on, since its answer cannot be understood: %s", self.take, error)
            self.hang_up(Reason.STOPPED)
            return
        self._ledger.write(*agreed.records)
        await self._apply(agreed)
        await self._learn(agreed)

    async def _serve(self, event: events.Asked) -> None:
        """An INVITE or UPDATE: what it asks for is opened, written down and answered, or it is refused."""
        if self.over:
            return
        self.doubt = None  # whoever asks is there
        try:
            openings = self.conversation.propose(event.request)
            veil = self.helm.veil if self.helm is not None else OPEN_VEIL
            opened = await self._house.gate.open(self.take, openings, veil=veil) if openings else ()
            agreed = self.conversation.agree({each.stream: each for each in opened}, self._house.now_ns())
            self._write_down(event, agreed)
            await self._learn(agreed, begins=isinstance(event, events.Invited))
        except ProtocolError as error:
            await self._turn_down(event, error.hint or 400, str(error))
        except (TooMany, HouseError) as error:
            log.warning("a call from %s is refused: %s", event.flow.peer, error)
            await self._turn_down(event, 503, str(error))
        else:
            self._answer(event, agreed)
            await self._apply(agreed)

    def _write_down(self, event: events.Asked, agreed: Agreed) -> None:
        at_ns = self._house.now_ns()
        oddities = [Odd(at_ns=at_ns, code="sip", sentence=sentence) for sentence in event.request.oddities]
        if isinstance(event, events.Invited):
            self._ledger.begin(*oddities, *agreed.records)  # without them the take cannot be finished
        else:
            self._ledger.write(*oddities, *agreed.records)

    async def _learn(self, agreed: Agreed, *, begins: bool = False) -> None:
        """What is recorded follows from what was said; of a call that begins, before it is answered."""
        if self.helm is None:
            return
        if begins:
            await self.helm.begin(agreed.records)
        else:
            await self.helm.learn(agreed.records)

    def _answer(self, event: events.Asked, agreed: Agreed) -> None:
        try:
            with self._house.signalling.speaking() as (agent, now):
                agent.answer(event.transaction, now, content_type=agreed.content_type, body=agreed.body)
                self._ledger.dialog(agent.dialog(self.dialog), self._house.now_ns())
        except NotFound:
            log.info("a request of the take %s was taken back before it was answered", self.take)

    async def _apply(self, agreed: Agreed) -> None:
        """What is not needed for the answer."""
        for stream, aim in (agreed.aims or {}).items():
            await self._house.gate.aim(self.take, stream, aim)
        if self.helm is not None and self.helm.veil.hide_keys:
            for record in agreed.records:
                if isinstance(record, StreamAgreed):
                    await self._house.gate.look_for_keys(self.take, record.stream, key_types_of(record))
        if agreed.closed:
            await self._house.gate.shut(self.take, agreed.closed)

    async def _turn_down(self, event: events.Asked, status: int, sentence: str) -> None:
        self._refuse(event, status, sentence)
        if isinstance(event, events.Invited):
            await self.drop()

    def _refuse(self, event: events.Asked, status: int, sentence: str) -> None:
        retry_after_s = self._house.retry_after_s if status == 503 else None
        try:
            with self._house.signalling.speaking() as (agent, now):
                agent.refuse(event.transaction, status, now, reason=one_line(sentence), retry_after_s=retry_after_s)
        except NotFound:
            log.info("a request of the take %s was taken back before it was refused", self.take)

    async def finish(self, reason: Reason | None) -> None:
        """The call is over: its sockets are closed, and its take is handed over; may be repeated.

        Raises:
            MediaError: the take cannot be handed over; all of it is there still.
        """
        if self.over:
            return
        self.over = True
        await self._end_steering()
        try:
            await self._house.gate.shut(self.take)
        except CallvaultError as error:
            log.warning("the sockets of the take %s may still be open: %s", self.take, error)
        if reason is not None:
            at_ns = self._last_sign_ns() if reason is Reason.INTERRUPTED else self._house.now_ns()
            self._ledger.write(Ended(at_ns=at_ns, reason=reason))
        self._ledger.close()
        try:
            self._house.spools.end(self.take)
        except OSError as error:
            raise MediaError(f"The take {self.take} cannot be handed over: {error}.") from error
        finally:
            self._forget(self.dialog)

    async def _end_steering(self) -> None:
        if self.helm is not None:
            await self.helm.end()

    def _last_sign_ns(self) -> int:
        """When something was written last of a take that lost its signalling."""
        paths = self._house.spools.live(self.take)
        return max(path.stat().st_mtime_ns for path in (paths.media, paths.journal) if path.exists())

    async def drop(self) -> None:
        """The call never began: nothing of it is kept."""
        if self.over:
            return
        self.over = True
        await self._end_steering()
        try:
            await self._house.gate.shut(self.take)
            self._ledger.close()
            paths = self._house.spools.live(self.take)
            paths.media.unlink(missing_ok=True)
            paths.journal.unlink(missing_ok=True)
        finally:
            self._forget(self.dialog)


def one_line(sentence: str) -> str:
    """As a reason phrase, which has no line ends."""
    return " ".join(sentence.split())[:200]
