"""All server transactions of the agent: found by their keys, answered, sent again, and forgotten in time.

What lives here: the table and its bounds.  What does not: what requests mean.
"""

from __future__ import annotations

from collections.abc import Callable

from callvault.errors import NotFound
from callvault.protocols.sip.essentials import Essentials
from callvault.protocols.sip.flow import Flow
from callvault.protocols.sip.message import Request, Response, write
from callvault.protocols.sip.replies import response_flow
from callvault.protocols.sip.server_transaction import Key, ServerTransaction, State
from callvault.protocols.sip.terms import Terms
from callvault.protocols.sip.timers import Timers

Merge = tuple[str, str, int]
"""Call-ID, From tag and CSeq: what copies of one request share that came by different ways (section 8.2.2.2)."""


def merge_of(essentials: Essentials) -> Merge:
    """See `Merge`."""
    return (essentials.call_id, essentials.from_.tag or "", essentials.cseq.number)


class ServerSide:
    """The table.  ``send`` takes what is to be sent, with the dialog that it belongs to."""

    def __init__(self, terms: Terms, timers: Timers, send: Callable[[str | None, bytes, Flow], None]) -> None:
        self._terms = terms
        self._timers = timers
        self._send = send
        self._table: dict[Key, ServerTransaction] = {}
        self._dialogs: dict[Key, str] = {}
        self._sizes: dict[Key, int] = {}
        self._merges: dict[Merge, Key] = {}
        self.held_bytes = 0

    def __len__(self) -> int:
        return len(self._table)

    def find(self, key: Key) -> ServerTransaction | None:
        """The transaction that a request belongs to."""
        return self._table.get(key)

    def open(self, key: Key) -> ServerTransaction:
        """One that still owes its final answer.

        Raises:
            NotFound: there is none, or it has been answered.
        """
        found = self._table.get(key)
        if found is None or not found.open:
            raise NotFound("open transaction", "/".join(key))
        return found

    def is_copy(self, essentials: Essentials) -> bool:
        """Whether an INVITE that begins a call is one that came already by another way.

        One that was refused may be tried again; not every client counts its CSeq up when it does.
        """
        before = self._table.get(self._merges.get(merge_of(essentials), ()))
        return before is not None and (before.open or before.state is State.ACCEPTED)

    def dialog_of(self, transaction: ServerTransaction) -> str:
        """The dialog that it is of, or would have begun."""
        return self._dialogs[transaction.key]

    def begin(self, key: Key, request: Request, essentials: Essentials, flow: Flow, dialog: str) -> ServerTransaction:
        """A request that has not been seen before."""
        transaction = ServerTransaction(
            key=key,
            request=request,
            essentials=essentials,
            flow=response_flow(essentials, flow),
            intervals=self._terms.intervals,
        )
        self._table[key] = transaction
        self._dialogs[key] = dialog
        if transaction.is_invite and essentials.to.tag is None:
            self._merges[merge_of(essentials)] = key
        self._weigh(transaction)
        return transaction

    def receive_again(self, transaction: ServerTransaction) -> None:
        """Its request came again."""
        transaction.receive_again()
        self._settle(transaction)

    def receive_ack(self, transaction: ServerTransaction, now: float) -> None:
        """Its ACK came."""
        transaction.receive_ack(now)
        self._settle(transaction)

    def respond(self, transaction: ServerTransaction, response: Response, now: float) -> None:
        """Answer it."""
        transaction.respond(response.status, write(response), now)
        self._settle(transaction)

    def wait_until(self, transaction: ServerTransaction, at: float) -> None:
        """Come back to it at this moment if it is still open then."""
        transaction.over_at = at
        self._settle(transaction)

    def handle_timer(self, transaction: ServerTransaction, now: float) -> bool:
        """Its time has come.  Whether it ended without the ACK of a 2xx."""
        transaction.handle_timer(now)
        over = transaction.state is State.TERMINATED
        # Only a 2xx ends so: what was refused is of no dialog whose client could be in doubt
        unheard = over and transaction.is_invite and not transaction.acknowledged and b" 2" in transaction.response[:9]
        self._settle(transaction)
        if over:
            self._forget(transaction)
        return unheard

    def _settle(self, transaction: ServerTransaction) -> None:
        for data in transaction.out:
            self._send(self._dialogs[transaction.key], data, transaction.flow)
        transaction.out.clear()
        self._weigh(transaction)
        self._timers.set(("server", transaction.key), transaction.next_timer())

    def _weigh(self, transaction: ServerTransaction) -> None:
        request = len(transaction.request.raw) if transaction.request else 0
        size = request + len(transaction.response)
        self.held_bytes += size - self._sizes.get(transaction.key, 0)
        self._sizes[transaction.key] = size

    def _forget(self, transaction: ServerTransaction) -> None:
        key = transaction.key
        self._timers.set(("server", key), None)
        del self._table[key], self._dialogs[key]
        self.held_bytes -= self._sizes.pop(key)
        merge = merge_of(transaction.essentials)
        if self._merges.get(merge) == key:
            del self._merges[merge]
