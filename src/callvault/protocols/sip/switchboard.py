"""What the agent's parts share: the tables, what is to be sent, what has happened, and how much room there is.

What lives here: state, and the few things that are done with it from several sides.  What does not: which request
leads to what (``reception``), and what the driver may say (``agent``).
"""

from __future__ import annotations

from collections.abc import Callable

from callvault.errors import ProtocolError
from callvault.protocols.sip import events
from callvault.protocols.sip.calls import Call, Calls
from callvault.protocols.sip.client_side import ClientSide
from callvault.protocols.sip.essentials import Essentials
from callvault.protocols.sip.flow import Flow
from callvault.protocols.sip.message import Request, write
from callvault.protocols.sip.overload import quick_refusal
from callvault.protocols.sip.refreshing import Refreshing
from callvault.protocols.sip.replies import Fields, make_response, response_flow, steady_tag
from callvault.protocols.sip.server_side import ServerSide
from callvault.protocols.sip.server_transaction import ServerTransaction
from callvault.protocols.sip.terms import Terms
from callvault.protocols.sip.timers import Timers
from callvault.protocols.sip.welcome import Objection

Gatekeeper = Callable[[Request, Flow], Objection | None]
"""What speaks against an INVITE that begins a call, asked before anything is remembered of it."""


class Switchboard:
    """The state of one agent."""

    def __init__(self, terms: Terms, fresh: Callable[[], str]) -> None:
        self.terms = terms
        self.fresh = fresh
        self.timers = Timers()
        self.happened: list[events.Event] = []
        self.out: list[tuple[bytes, Flow]] = []
        self.servers = ServerSide(terms, self.timers, self.send)
        self.clients = ClientSide(terms.intervals, self.timers, self.send)
        self.calls = Calls()
        self.refreshing = Refreshing(terms, fresh, self.timers, self.clients, self.happened.append)
        self.gatekeeper: Gatekeeper = lambda _request, _flow: None
        self.refusing = False
        self.dropped = 0
        self.turned_away = 0

    def send(self, dialog: str | None, data: bytes, flow: Flow) -> None:
        """Send, and note it where it is of a dialog."""
        self.out.append((data, flow))
        if dialog is not None:
            self.happened.append(events.Passed(dialog=dialog, sent=True, data=data, flow=flow))

    def note(self, dialog: str, request: Request, flow: Flow) -> None:
        """A request of a dialog has come."""
        self.happened.append(events.Passed(dialog=dialog, sent=False, data=request.raw, flow=flow))

    def has_room(self) -> bool:
        """Whether another call can begin."""
        limits = self.terms.limits
        return not (
            self.refusing
            or len(self.servers) >= limits.transactions
            or len(self.calls) >= limits.dialogs
            or self.servers.held_bytes >= limits.held_bytes
        )

    def turn_away(self, data: bytes, flow: Flow) -> bool:
        """Refuse a call without reading more than is needed; False where these bytes are no INVITE that begins one."""
        refusal = quick_refusal(data, retry_after_s=self.terms.retry_after_s, key=self.terms.key)
        if refusal is None:
            return False
        self.turned_away += 1
        self.out.append((refusal, flow))
        return True

    def full(self) -> Objection:
        """What a client is told for whom there is no room."""
        retry = (("Retry-After", str(self.terms.retry_after_s)),)
        return Objection(status=503, sentence="There is no room for another call just now.", fields=retry)

    def refuse(
        self, transaction: ServerTransaction, status: int, fields: Fields, now: float, *, reason: str | None = None
    ) -> None:
        """Refuse what has a transaction, and has no final answer yet."""
        dialog = self.servers.dialog_of(transaction)
        call = self.calls.get(dialog)
        if call and call.pending == transaction.key:
            call.pending = None
        response = make_response(
            transaction.asking,
            status,
            transaction.flow,
            to_tag=dialog,
            fields=(*self.terms.server, *fields),
            reason=reason,
        )
        self.servers.respond(transaction, response, now)

    def refuse_unseen(self, request: Request, flow: Flow, against: Objection) -> None:
        """Without a transaction: whoever asks again is told the same."""
        fields = (*self.terms.server, *against.fields)
        tag = steady_tag(request, self.terms.key)
        response = make_response(request, against.status, flow, to_tag=tag, fields=fields)
        try:
            back = response_flow(Essentials.of(request), flow)
        except ProtocolError:
            back = flow
        self.out.append((write(response), back))
        self.happened.append(
            events.Refused(flow=flow, status=against.status, sentence=against.sentence, request=request)
        )

    def end(self, call: Call, ending: events.Ending, now: float) -> None:
        """The call is over: nothing of it is sent again, and what is unanswered is refused."""
        dialog = call.dialog.id
        self.calls.remove(dialog)
        self.refreshing.disarm(dialog)
        for key in call.unacknowledged.values():
            if transaction := self.servers.find(key):
                self.servers.receive_ack(transaction, now)
        if call.pending and (pending := self.servers.find(call.pending)) and pending.open:
            self.refuse(pending, 487, (), now)
        self.happened.append(events.Ended(dialog=dialog, ending=ending))
