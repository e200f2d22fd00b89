"""The user agent server: bytes of all transports in, events out, and what it says in reply.

What lives here: what the driver may tell and ask.  What does not: sockets (``capture.siprec``), SDP and metadata, and
every decision on what is recorded.
The driver hands in what it received, asks for events, answers those that ask, sends what ``to_send`` gives, and comes
back at ``next_timer``.  ``now`` is seconds of any clock that never goes back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from callvault.errors import NotFound, ProtocolError
from callvault.protocols.sip import events
from callvault.protocols.sip.calls import CHANGES_SESSION, Call
from callvault.protocols.sip.dialog import Dialog
from callvault.protocols.sip.essentials import Essentials
from callvault.protocols.sip.flow import Flow
from callvault.protocols.sip.message import BadMessage, Request, Response, parse
from callvault.protocols.sip.reception import Reception
from callvault.protocols.sip.replies import Fields, make_response
from callvault.protocols.sip.server_transaction import Key
from callvault.protocols.sip.session_timer import agree, response_fields
from callvault.protocols.sip.switchboard import Gatekeeper, Switchboard
from callvault.protocols.sip.terms import CAPABILITIES, Terms
from callvault.protocols.sip.welcome import Objection


class UserAgentServer:
    """One recording server's signalling, over all its transports."""

    def __init__(self, terms: Terms, fresh: Callable[[], str]) -> None:
        """``fresh`` gives a token that nobody can guess, of at least 64 random bits, each time that it is called."""
        self._board = Switchboard(terms, fresh)
        self._reception = Reception(self._board)

    @property
    def transactions(self) -> int:
        """How many are remembered."""
        return len(self._board.servers) + len(self._board.clients)

    @property
    def dialogs(self) -> int:
        """How many calls are under way."""
        return len(self._board.calls)

    @property
    def held_bytes(self) -> int:
        """How many bytes of messages are remembered."""
        return self._board.servers.held_bytes

    @property
    def dropped(self) -> int:
        """How many messages deserved no answer."""
        return self._board.dropped

    @property
    def turned_away(self) -> int:
        """How many calls were refused because there was no room."""
        return self._board.turned_away

    def refuse_calls(self, refusing: bool) -> None:  # noqa: FBT001 - it is what is said
        """While there is too much to do, calls are refused at once, and those under way go on."""
        self._board.refusing = refusing

    def guard(self, gatekeeper: Gatekeeper) -> None:
        """Ask this of every INVITE that begins a call, before anything is remembered of it."""
        self._board.gatekeeper = gatekeeper

    def dialog(self, dialog: str) -> Dialog | None:
        """The state of a dialog, to be journalled; None where it is over."""
        call = self._board.calls.get(dialog)
        return call.dialog if call else None

    def to_send(self) -> list[tuple[bytes, Flow]]:
        """What is to be sent, and where; each time only what is new."""
        out = self._board.out[:]
        self._board.out.clear()
        return out

    def happened(self) -> list[events.Event]:
        """What has happened since anybody asked; commands make events too."""
        happened = self._board.happened[:]
        self._board.happened.clear()
        return happened

    def receive(self, data: bytes, flow: Flow, now: float) -> list[events.Event]:
        """One message, whole, as it came over this flow."""
        if self._board.has_room() or not self._board.turn_away(data, flow):
            self._receive(data, flow, now)
        return self.happened()

    def _receive(self, data: bytes, flow: Flow, now: float) -> None:
        request: Request | None = None
        try:
            message = parse(data)
            request = message if isinstance(message, Request) else None
            essentials = Essentials.of(message)
        except ProtocolError as error:
            bad = error.request if isinstance(error, BadMessage) else request
            if bad is None or error.hint is None or bad.method == "ACK":
                self._board.dropped += 1
            else:
                self._board.refuse_unseen(bad, flow, Objection(status=error.hint, sentence=str(error)))
            return
        if isinstance(message, Response):
            self._receive_response(message, essentials, flow, now)
        else:
            self._reception.receive(message, essentials, flow, now)

    def _receive_response(self, response: Response, essentials: Essentials, flow: Flow, now: float) -> None:
        dialog = self._board.clients.dialog_of(essentials)
        if dialog is None:
            self._board.dropped += 1
            return
        self._board.happened.append(events.Passed(dialog=dialog, sent=False, data=response.raw, flow=flow))
        if outcome := self._board.clients.receive(response, essentials, now):
            self._board.refreshing.conclude(self._board.calls, outcome, now)

    def next_timer(self) -> float | None:
        """When to call ``handle_timer``; None where nothing will ever be due."""
        return self._board.timers.next()

    def handle_timer(self, now: float) -> list[events.Event]:
        """Whatever is due by now."""
        board = self._board
        for kind, key in board.timers.due(now):
            if kind == "server":
                if transaction := board.servers.find(key):
                    self._reception.handle_timer(transaction, now)
            elif kind == "client":
                if outcome := board.clients.handle_timer(key, now):
                    board.refreshing.conclude(board.calls, outcome, now)
            elif call := board.calls.get(key):
                board.refreshing.handle_timer(kind, call, now)
        return self.happened()

    def answer(
        self, transaction: Key, now: float, *, content_type: str = "", body: bytes = b"", fields: Fields = ()
    ) -> None:
        """Answer what asked with 200; an INVITE that began a call begins its dialog.

        Raises:
            NotFound: it has been answered, cancelled or refused for being late.
        """
        board = self._board
        found = board.servers.open(transaction)
        request, dialog = found.asking, board.servers.dialog_of(found)
        call = board.calls.get(dialog)
        if call is None:
            call = Call(
                dialog=Dialog.begun(request, found.essentials, found.flow, dialog),
                secure=request.uri.lower().startswith("sips:"),
            )
            board.calls.add(call)
        if call.pending == transaction:
            call.pending = None
        said: list[tuple[str, str]] = list(board.terms.server)
        if request.method in CHANGES_SESSION:
            timer = agree(request.headers)
            call.dialog = replace(call.dialog, timer=timer)
            board.refreshing.arm(call, now)
            said += [("Contact", board.terms.contact(found.flow, secure=call.secure)), *CAPABILITIES]
            said += response_fields(timer, request.headers) if timer else ()
        if found.is_invite:
            call.unacknowledged[found.essentials.cseq.number] = transaction
        said += fields
        if body:
            call.session = (content_type, body)
            said.append(("Content-Type", content_type))
        response = make_response(request, 200, found.flow, to_tag=dialog, fields=tuple(said), body=body)
        board.servers.respond(found, response, now)

    def refuse(
        self,
        transaction: Key,
        status: int,
        now: float,
        *,
        reason: str | None = None,
        retry_after_s: int | None = None,
        fields: Fields = (),
    ) -> None:
        """Refuse what asked.

        Raises:
            NotFound: it has been answered, cancelled or refused for being late.
        """
        retry: Fields = (("Retry-After", str(retry_after_s)),) if retry_after_s is not None else ()
        found = self._board.servers.open(transaction)
        self._board.refuse(found, status, (*retry, *fields), now, reason=reason)

    def bye(self, dialog: str, now: float) -> None:
        """Hang up.

        Raises:
            NotFound: the dialog is over.
        """
        call = self._board.calls.get(dialog)
        if call is None:
            raise NotFound("dialog", dialog)
        self._board.end(call, events.Ending.HUNG_UP, now)
        self._board.refreshing.send(call, "BYE", now)

    def restore(self, dialog: Dialog, now: float) -> None:
        """Take over a dialog of a predecessor, as its journal had it."""
        call = Call(dialog=dialog)
        self._board.calls.add(call)
        self._board.refreshing.arm(call, now)
