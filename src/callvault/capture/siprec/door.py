"""SIPREC's door: who may come in, what each call becomes, and when it is taken for ended.

What lives here: all calls of this process, from the agent's events to takes, and those of a predecessor.  What does
not: one call's business (``live_call``), sockets (``signalling``), descriptions and metadata (``conversation``).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from callvault.capture.journals import read_journal
from callvault.capture.siprec.admission import Admission, Caller, Challenged
from callvault.capture.siprec.conversation import Conversation
from callvault.capture.siprec.ledger import Ledger
from callvault.capture.siprec.live_call import House, LiveCall, one_line
from callvault.capture.siprec.refusals import Refusals, Turned
from callvault.capture.steering import wheelhouse
from callvault.capture.steering.helm import Helm
from callvault.errors import CallvaultError, HouseError, NotAllowed, NotAuthenticated
from callvault.model.order import Order, Reply
from callvault.model.trunk import Trunk
from callvault.protocols.sip import events
from callvault.protocols.sip.dialog import Dialog
from callvault.protocols.sip.flow import Flow
from callvault.protocols.sip.grammar import shown
from callvault.protocols.sip.message import Request
from callvault.protocols.sip.welcome import Objection
from callvault.protocols.spool.journal import Begun, DialogKept, Journal, Reason

log = logging.getLogger("callvault.siprec")

DOOR = "siprec"
SECOND_NS = 1_000_000_000
DOUBT_S = 10
"""How long a call may be silent whose client may be gone."""
HELD_S = 4 * 3600
"""How long one may be silent that is on hold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Beginning:
    """What a recording session is made from: a new one, or one that a predecessor had."""

    take: UUID
    host: str
    """The address of ours at which the call came in."""
    journal: Journal | None = None
    """What is known of it already."""


Converse = Callable[[Beginning], Conversation]


class Door:
    """All calls of this process."""

    def __init__(
        self,
        house: House,
        admission: Admission,
        converse: Converse,
        refusals: Refusals,
        *,
        new_take: Callable[[], UUID],
        silence_s: float,
    ) -> None:
        self._house = house
        self._admission = admission
        self._converse = converse
        self._refusals = refusals
        self._new_take = new_take
        self._silence_s = silence_s
        self._calls: dict[str, LiveCall] = {}
        house.signalling.agent.guard(self.objection)

    @property
    def calls(self) -> tuple[LiveCall, ...]:
        """Those that are under way."""
        return tuple(self._calls.values())

    def handle(self, event: events.Event) -> None:
        """What the agent tells."""
        match event:
            case events.Pinged():
                return
            case events.Refused():
                self._note(event.flow.peer, event.status, event.sentence, event.request)
            case events.Invited():
                self._admit(event)
            case _:
                call = self._calls.get(event.dialog)
                if call is not None:
                    call.handle(event)

    def resume(self) -> int:
        """Take over what a predecessor left; how many calls go on.  Before anything is listened for."""
        dialogs: list[Dialog] = []
        for take in self._house.spools.live_takes():
            try:
                dialog = self._resume(take)
            except (CallvaultError, AttributeError, KeyError, TypeError, ValueError) as error:
                log.warning("the take %s cannot be gone on with, and is ended: %r", take, error)
                self._give_up(take)
                dialog = None
            if dialog is not None:
                dialogs.append(dialog)
        self._house.signalling.restore(dialogs)
        return len(dialogs)

    async def watch(self) -> None:
        """End calls that nothing comes from any more, and do what failed at its time; runs until it is cancelled."""
        while True:
            await asyncio.sleep(min(5.0, self._silence_s / 4))
            await self.look()
            await self.catch_up()
            self._refusals.write()

    async def look(self) -> None:
        """One round of ``watch``."""
        for call in self.calls:
            limit_s = self._patience_s(call)
            now = self._house.now_ns()
            if now - call.heard_ns < limit_s * SECOND_NS:
                continue
            try:
                heard = await self._house.gate.heard(call.take)
            except HouseError as error:
                log.warning("nobody says what comes of the take %s: %s", call.take, error)
                continue
            call.heard_ns = max([call.heard_ns, *(each.last_ns for each in heard.values() if each.last_ns)])
            if now - call.heard_ns >= limit_s * SECOND_NS and not call.over:
                log.info("the take %s is silent, and ended", call.take)
                call.hang_up(call.doubt or Reason.SILENT)

    async def catch_up(self) -> None:
        """See to what is due in calls and could not be done: a limit, a cue, a veil."""
        await wheelhouse.catch_up(self.calls)

    async def carry_out(self, order: Order) -> Reply:
        """A verb for one of the calls."""
        return await wheelhouse.carry_out(order, self.calls)

    async def end_all(self) -> None:
        """Hang up on everybody: the server is stopped for good."""
        for call in self.calls:
            call.hang_up(Reason.STOPPED)
        await self.settled()
        self._refusals.write()

    async def settled(self) -> None:
        """When no call has anything left to do."""
        for call in list(self._calls.values()):
            await call.settled()

    def _patience_s(self, call: LiveCall) -> float:
        if call.doubt is not None:
            return DOUBT_S
        return max(HELD_S, self._silence_s) if call.conversation.held else self._silence_s

    def objection(self, request: Request, flow: Flow) -> Objection | None:
        """What speaks against a call that begins, as the agent asks it before it remembers anything."""
        try:
            self._trunk(request, flow)
        except Challenged as error:
            fields = tuple(("WWW-Authenticate", value) for value in error.values)
            return Objection(status=401, sentence=str(error), fields=fields)
        except NotAllowed as error:
            return Objection(status=403, sentence=str(error))
        return None

    def _trunk(self, request: Request, flow: Flow) -> Trunk:
        names = self._house.signalling.streams.names(flow.connection)
        return self._admission.admit(Caller(request=request, flow=flow, names=names), time.time())

    def _admit(self, event: events.Invited) -> None:
        try:
            call = self._calls[event.dialog] = self._begin(event, self._trunk(event.request, event.flow))
        except (NotAllowed, NotAuthenticated) as error:  # the trunk was removed since the agent asked
            self._refuse(event, 403, str(error))
        except HouseError as error:
            self._refuse(event, 503, str(error))
        else:
            call.handle(event)

    def _begin(self, event: events.Invited, trunk: Trunk) -> LiveCall:
        house, take, at_ns = self._house, self._new_take(), self._house.now_ns()
        ledger = Ledger(house.spools.live(take).journal)
        begun = Begun(
            take=take,
            at_ns=at_ns,
            account_id=trunk.account_id,
            door=DOOR,
            trunk=trunk.name,
            peer=event.flow.peer,
            call_id=shown(event.essentials.call_id),
            settings=trunk.about_recordings(),
        )
        ledger.begin(begun)
        ledger.exchanged(event.request.raw, sent=False, peer=event.flow.peer, at_ns=at_ns)
        conversation = self._converse(Beginning(take=take, host=event.flow.local_host))
        return LiveCall(
            house,
            dialog=event.dialog,
            take=take,
            ledger=ledger,
            conversation=conversation,
            helm=Helm.of(house.bridge, begun, commit=ledger.commit),
            forget=self._forget,
        )

    def _resume(self, take: UUID) -> Dialog | None:
        """A predecessor's take: gone on with where its dialog is known, and ended where not."""
        journal = read_journal(self._house.spools.live(take).journal)
        kept = next((each for each in reversed(journal.records) if isinstance(each, DialogKept)), None)
        begun = journal.begun
        if begun is not None and begun.door != DOOR:
            return None
        dialog = Dialog.read(kept.state) if kept and journal.ended is None else None
        host = dialog.flow.local_host if dialog else ""
        conversation = self._converse(Beginning(take=take, host=host, journal=journal))
        if dialog is None:
            self._adopt(take, str(take), conversation).interrupt(ended=journal.ended is not None)
        else:
            self._adopt(take, dialog.id, conversation, journal).go_on()
        return dialog

    def _give_up(self, take: UUID) -> None:
        """A predecessor's take of which too little can be read."""
        try:
            conversation = self._converse(Beginning(take=take, host=""))
            self._adopt(take, str(take), conversation).interrupt(ended=False)
        except CallvaultError:
            log.exception("the take %s cannot be ended", take)

    def _adopt(self, take: UUID, name: str, conversation: Conversation, journal: Journal | None = None) -> LiveCall:
        """``journal``: of a take that goes on."""
        ledger = Ledger(self._house.spools.live(take).journal)
        begun = journal.begun if journal is not None else None
        call = LiveCall(
            self._house,
            dialog=name,
            take=take,
            ledger=ledger,
            conversation=conversation,
            helm=Helm.of(self._house.bridge, begun, commit=ledger.commit, journal=journal) if begun else None,
            forget=self._forget,
        )
        self._calls[name] = call
        return call

    def _refuse(self, event: events.Invited, status: int, sentence: str) -> None:
        retry_after_s = self._house.retry_after_s if status == 503 else None
        with self._house.signalling.speaking() as (agent, now):
            agent.refuse(event.transaction, status, now, retry_after_s=retry_after_s)
        self._note(event.flow.peer, status, sentence, event.request)

    def _note(self, peer: str, status: int, sentence: str, request: Request | None) -> None:
        headers = request.headers if request else None
        if status == 401 and headers and "authorization" not in headers:
            return  # the first challenge is no refusal
        log.info("a request from %s is refused with %d: %s", peer, status, sentence)
        self._refusals.note(
            Turned(
                at_ns=self._house.now_ns(),
                peer=peer,
                status=status,
                sentence=one_line(shown(sentence)),
                call_id=shown(headers.first("call-id") or "") if headers else None,
                from_=shown(headers.first("from") or "") if headers else None,
            )
        )

    def _forget(self, dialog: str) -> None:
        """A call is over; what is still said of it afterwards is of no take."""
        self._calls.pop(dialog, None)
