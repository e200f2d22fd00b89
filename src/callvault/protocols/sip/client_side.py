"""All client transactions of the agent: our BYEs and session refreshes on their way.

What lives here: sending them, and giving each its final response once.  What does not: what that response means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from callvault.protocols.sip.client_transaction import ClientKey, ClientState, ClientTransaction
from callvault.protocols.sip.essentials import Essentials
from callvault.protocols.sip.flow import Flow
from callvault.protocols.sip.headers import Headers
from callvault.protocols.sip.message import Request, Response, write
from callvault.protocols.sip.timers import Intervals, Timers


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How a request of ours ended."""

    dialog: str
    request: Request
    transaction: ClientTransaction
    response: Response | None
    """None where none came in time."""

    @property
    def status(self) -> int:
        """Section 8.1.3.1: silence counts as 408."""
        return self.response.status if self.response else 408


class ClientSide:
    """The table.  ``send`` takes what is to be sent, with the dialog that it belongs to."""

    def __init__(self, intervals: Intervals, timers: Timers, send: Callable[[str | None, bytes, Flow], None]) -> None:
        self._intervals = intervals
        self._timers = timers
        self._send = send
        self._table: dict[ClientKey, tuple[str, ClientTransaction]] = {}

    def __len__(self) -> int:
        return len(self._table)

    def begin(self, dialog: str, request: Request, flow: Flow, now: float) -> None:
        """Send a request of ours; its topmost Via has the branch."""
        key = (Essentials.of(request).via.branch or "", request.method)
        transaction = ClientTransaction(
            key=key, request=request, wire=write(request), flow=flow, intervals=self._intervals, now=now
        )
        self._table[key] = dialog, transaction
        self._settle(dialog, transaction)

    def receive(self, response: Response, essentials: Essentials, now: float) -> Outcome | None:
        """A response came; what it ends, where it is the first final one to a request of ours."""
        found = self._table.get((essentials.via.branch or "", essentials.cseq.method))
        if found is None:
            return None
        dialog, transaction = found
        final = transaction.receive(response.status, now)
        if final and transaction.request.method == "INVITE" and response.status >= 300:
            transaction.acknowledge(write(_ack(transaction.request, response)))
        self._settle(dialog, transaction)
        if not final:
            return None
        return Outcome(dialog=dialog, request=transaction.request, transaction=transaction, response=response)

    def acknowledge(self, outcome: Outcome, ack: Request) -> None:
        """Send the ACK of a 2xx, now and whenever that comes again."""
        outcome.transaction.acknowledge(write(ack))
        self._settle(outcome.dialog, outcome.transaction)

    def handle_timer(self, key: ClientKey, now: float) -> Outcome | None:
        """Its time has come; what ended without a response."""
        dialog, transaction = self._table[key]
        unanswered = transaction.handle_timer(now)
        self._settle(dialog, transaction)
        if transaction.state is ClientState.TERMINATED:
            del self._table[key]
        if not unanswered:
            return None
        return Outcome(dialog=dialog, request=transaction.request, transaction=transaction, response=None)

    def dialog_of(self, response: Essentials) -> str | None:
        """The dialog of the request that this answers."""
        found = self._table.get((response.via.branch or "", response.cseq.method))
        return found[0] if found else None

    def _settle(self, dialog: str, transaction: ClientTransaction) -> None:
        for data in transaction.out:
            self._send(dialog, data, transaction.flow)
        transaction.out.clear()
        self._timers.set(("client", transaction.key), transaction.next_timer())


def _ack(request: Request, response: Response) -> Request:
    """The ACK of a refused INVITE, which is part of its transaction (section 17.1.1.3)."""
    kept = [(name, value) for name, value in request.headers if name in {"Via", "Max-Forwards", "From", "Call-ID"}]
    to = response.headers.first("to") or request.headers.first("to") or ""
    number = (request.headers.first("cseq") or "").partition(" ")[0]
    routes = [(name, value) for name, value in request.headers if name == "Route"]
    fields = (*kept, ("To", to), ("CSeq", f"{number} ACK"), *routes)
    return Request(method="ACK", uri=request.uri, headers=Headers(fields=fields))
