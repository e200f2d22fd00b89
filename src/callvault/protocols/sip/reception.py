"""Requests as they come in: whose each is, and in which order the rules are asked (RFC 3261 section 8.2 and 12.2.2).

What lives here: the way of a request to its transaction, its dialog, and the driver.  What does not: answers that the
driver gives (``agent``).
"""

from __future__ import annotations

from callvault.errors import ProtocolError
from callvault.protocols.sip import events
from callvault.protocols.sip.calls import CHANGES_SESSION, Call, crossing
from callvault.protocols.sip.dialog import Dialog
from callvault.protocols.sip.essentials import Essentials
from callvault.protocols.sip.flow import Flow
from callvault.protocols.sip.message import Request, write
from callvault.protocols.sip.replies import make_response, response_flow, steady_tag
from callvault.protocols.sip.server_transaction import Key, ServerTransaction, key_of
from callvault.protocols.sip.session_timer import SHORTEST_S, TooBrief, agree
from callvault.protocols.sip.switchboard import Switchboard
from callvault.protocols.sip.terms import CAPABILITIES
from callvault.protocols.sip.welcome import Objection, objection

ASKS: dict[str, type[events.Reinvited | events.Updated | events.Informed]] = {
    "INVITE": events.Reinvited,
    "UPDATE": events.Updated,
    "INFO": events.Informed,
}
NO_DIALOG = Objection(status=481, sentence="There is no such dialog.")


class Reception:
    """What is done with requests."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board

    def receive(self, request: Request, essentials: Essentials, flow: Flow, now: float) -> None:
        """One request, readable and complete."""
        key = key_of(request, essentials)
        known = self._board.servers.find(key)
        if request.method == "ACK":
            self._receive_ack(request, essentials, known, flow, now)
        elif known is not None:
            self._board.note(self._board.servers.dialog_of(known), request, flow)
            self._board.servers.receive_again(known)
        elif against := objection(request):
            self._board.refuse_unseen(request, flow, against)
        elif request.method == "CANCEL":
            self._receive_cancel(request, essentials, flow, now)
        elif request.method == "OPTIONS":
            self._receive_options(request, essentials, flow)
        elif essentials.to.tag is not None:
            self._receive_within(key, request, essentials, flow, now)
        else:
            self._receive_first(key, request, essentials, flow, now)

    def handle_timer(self, transaction: ServerTransaction, now: float) -> None:
        """A transaction's time has come."""
        board, dialog = self._board, self._board.servers.dialog_of(transaction)
        if transaction.open:
            board.refuse(transaction, 503, board.full().fields, now)
            if transaction.is_invite and board.calls.get(dialog) is None:
                board.happened.append(events.Cancelled(dialog=dialog, late=True))
        elif board.servers.handle_timer(transaction, now) and (call := board.calls.get(dialog)):
            call.unacknowledged.pop(transaction.essentials.cseq.number, None)
            board.happened.append(events.Unacknowledged(dialog=dialog))

    def _receive_ack(
        self, request: Request, essentials: Essentials, refused: ServerTransaction | None, flow: Flow, now: float
    ) -> None:
        """The ACK of a refusal is of its transaction, that of a 2xx is one of its own (section 13.3.1.4)."""
        board = self._board
        call = board.calls.of(essentials)
        accepted = call.unacknowledged.pop(essentials.cseq.number, None) if call else None
        if call is not None:
            board.note(call.dialog.id, request, flow)
        if call and accepted and (transaction := board.servers.find(accepted)):
            board.servers.receive_ack(transaction, now)
            board.happened.append(events.Acked(dialog=call.dialog.id, request=request))
        elif refused is not None:
            if call is None:
                board.note(board.servers.dialog_of(refused), request, flow)
            board.servers.receive_ack(refused, now)

    def _receive_cancel(self, request: Request, essentials: Essentials, flow: Flow, now: float) -> None:
        """A CANCEL that comes again gives the same answer again, so nothing need be remembered of it."""
        board = self._board
        invite = Request(method="INVITE", uri=request.uri, headers=request.headers)
        found = board.servers.find(key_of(invite, essentials))
        if found is None:
            board.refuse_unseen(request, flow, Objection(status=481, sentence="The CANCEL fits no INVITE."))
            return
        dialog = board.servers.dialog_of(found)
        board.note(dialog, request, flow)
        response = make_response(request, 200, flow, to_tag=dialog, fields=board.terms.server)
        board.send(dialog, write(response), response_flow(essentials, flow))
        if found.open:
            board.refuse(found, 487, (), now)
            if board.calls.get(dialog) is None:
                board.happened.append(events.Cancelled(dialog=dialog, late=False))

    def _receive_options(self, request: Request, essentials: Essentials, flow: Flow) -> None:
        """A ping is answered and forgotten, since the same answer can be given again (section 11.2)."""
        board, call = self._board, self._board.calls.of(essentials)
        if call is None and essentials.to.tag is not None:
            board.refuse_unseen(request, flow, NO_DIALOG)
        elif call is None and not board.has_room():
            board.refuse_unseen(request, flow, board.full())
        else:
            fields = (("Contact", board.terms.contact(flow, secure=False)), *CAPABILITIES, *board.terms.server)
            response = make_response(request, 200, flow, to_tag=steady_tag(request, board.terms.key), fields=fields)
            board.send(call.dialog.id if call else None, write(response), response_flow(essentials, flow))
            board.happened.append(events.Pinged(flow=flow))

    def _receive_first(self, key: Key, request: Request, essentials: Essentials, flow: Flow, now: float) -> None:
        """A request that is of no dialog: only an INVITE can begin one."""
        board = self._board
        if request.method != "INVITE":
            alone = Objection(status=481, sentence=f"{request.method} must be within a dialog.")
            board.refuse_unseen(request, flow, alone)
        elif board.servers.is_copy(essentials):
            board.refuse_unseen(request, flow, Objection(status=482, sentence="The INVITE came by another way too."))
        elif against := board.gatekeeper(request, flow):  # strangers must not fill the room of those who are known
            board.refuse_unseen(request, flow, against)
        elif not board.has_room():
            board.turned_away += 1
            board.refuse_unseen(request, flow, board.full())
        else:
            dialog = board.fresh()
            board.note(dialog, request, flow)
            transaction = self._begin(key, request, essentials, flow, now, dialog=dialog)
            if self._is_sound(transaction, request, now):
                asked = events.Invited(
                    dialog=dialog, transaction=key, request=request, flow=flow, essentials=essentials
                )
                board.happened.append(asked)

    def _receive_within(self, key: Key, request: Request, essentials: Essentials, flow: Flow, now: float) -> None:
        board, call = self._board, self._board.calls.of(essentials)
        if call is None:
            board.refuse_unseen(request, flow, NO_DIALOG)
            return
        dialog = call.dialog.id
        board.note(dialog, request, flow)
        against = crossing(call, request, essentials, wait_s=1 + essentials.cseq.number % 9)
        transaction = self._begin(key, request, essentials, flow, now, dialog=dialog)
        if against is not None:
            board.refuse(transaction, against.status, against.fields, now)
        elif request.method == "BYE":
            self._receive_bye(call, transaction, now)
        elif request.method not in CHANGES_SESSION or self._is_sound(transaction, request, now):
            call.dialog = call.dialog.received(request, essentials, flow)
            call.pending = key if request.method in CHANGES_SESSION else call.pending
            kind = ASKS[request.method]
            board.happened.append(kind(dialog=dialog, transaction=key, request=request, flow=flow))

    def _receive_bye(self, call: Call, transaction: ServerTransaction, now: float) -> None:
        self._board.end(call, events.Ending.BYE, now)
        response = make_response(
            transaction.asking, 200, transaction.flow, to_tag=call.dialog.id, fields=self._board.terms.server
        )
        self._board.servers.respond(transaction, response, now)

    def _begin(
        self, key: Key, request: Request, essentials: Essentials, flow: Flow, now: float, *, dialog: str
    ) -> ServerTransaction:
        board = self._board
        transaction = board.servers.begin(key, request, essentials, flow, dialog)
        board.servers.wait_until(transaction, now + board.terms.answer_within_s)
        if transaction.is_invite:  # at once, so that it is not sent again (section 17.2.1)
            board.servers.respond(transaction, make_response(request, 100, transaction.flow, to_tag=None), now)
        return transaction

    def _is_sound(self, transaction: ServerTransaction, request: Request, now: float) -> bool:
        """Whether its Contact and its session timer can be worked with; it has been refused where not."""
        try:
            Dialog.begun(request, transaction.essentials, transaction.flow, "")
            agree(request.headers)
        except TooBrief:
            self._board.refuse(transaction, 422, (("Min-SE", str(SHORTEST_S)),), now)
        except ProtocolError as error:
            self._board.refuse(transaction, error.hint or 400, (), now, reason=str(error))
        else:
            return True
        return False
