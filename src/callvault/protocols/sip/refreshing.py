"""Requests of our own within calls: hanging up, and refreshing sessions (RFC 4028 section 10).

What lives here: making them, when they are due, and what their outcome means.  What does not: their transactions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from callvault.errors import ProtocolError
from callvault.protocols.sip import events
from callvault.protocols.sip.calls import Call, Calls
from callvault.protocols.sip.client_side import ClientSide, Outcome
from callvault.protocols.sip.essentials import Essentials
from callvault.protocols.sip.grammar import NUMBER
from callvault.protocols.sip.message import Response
from callvault.protocols.sip.replies import Fields
from callvault.protocols.sip.session_timer import Refresher, SessionExpires, SessionTimer
from callvault.protocols.sip.terms import ALLOW, Terms
from callvault.protocols.sip.timers import Timers
from callvault.protocols.sip.via import MAGIC_COOKIE

GLARE_PAUSE_S = 1.0
"""RFC 3261 section 14.1: 0 to 2 s for the side that did not choose the Call-ID."""


class Refreshing:
    """Our requests within calls."""

    def __init__(
        self,
        terms: Terms,
        fresh: Callable[[], str],
        timers: Timers,
        clients: ClientSide,
        tell: Callable[[events.Event], None],
    ) -> None:
        self._terms = terms
        self._fresh = fresh
        self._timers = timers
        self._clients = clients
        self._tell = tell

    def arm(self, call: Call, now: float) -> None:
        """From now on the session has the whole of its interval."""
        timer, dialog = call.dialog.timer, call.dialog.id
        ours = timer is not None and timer.we_refresh
        self._timers.set(("refresh", dialog), now + timer.refresh_after_s if timer and ours else None)
        self._timers.set(("expiry", dialog), now + timer.over_after_s if timer and not ours else None)

    def disarm(self, dialog: str) -> None:
        """The call is over."""
        self._timers.set(("refresh", dialog), None)
        self._timers.set(("expiry", dialog), None)

    def handle_timer(self, kind: str, call: Call, now: float) -> None:
        """Refresh the session, or say that the other side has not."""
        if kind == "expiry":
            self._tell(events.Expired(dialog=call.dialog.id))
        elif call.pending is not None or call.changing:
            self._timers.set(("refresh", call.dialog.id), now + GLARE_PAUSE_S)
        elif call.dialog.timer is not None:
            self._refresh(call, call.dialog.timer, now)

    def send(self, call: Call, method: str, now: float, *, fields: Fields = (), body: bytes = b"") -> None:
        """A request of ours, on its way."""
        flow = call.dialog.next_flow
        via = f"SIP/2.0/{flow.transport.upper()} {flow.local};rport;branch={MAGIC_COOKIE}{self._fresh()}"
        contact = self._terms.contact(flow, secure=call.secure)
        request, call.dialog = call.dialog.request(
            method, via=via, contact=contact, fields=(*fields, ("User-Agent", self._terms.name)), body=body
        )
        self._clients.begin(call.dialog.id, request, flow, now)

    def conclude(self, calls: Calls, outcome: Outcome, now: float) -> None:
        """A request of ours has its final response, or will never have one."""
        call = calls.get(outcome.dialog)
        if call is None or outcome.request.method == "BYE":
            return
        call.changing = False
        if outcome.response is not None and 200 <= outcome.status < 300:
            self._refreshed(call, outcome, outcome.response, now)
        elif outcome.status == 481:
            calls.remove(call.dialog.id)
            self.disarm(call.dialog.id)
            self._tell(events.Ended(dialog=call.dialog.id, ending=events.Ending.GONE))
        elif outcome.status == 491:
            self._timers.set(("refresh", call.dialog.id), now + GLARE_PAUSE_S)
        elif outcome.status == 422 and self._lengthen(call, outcome):
            self._timers.set(("refresh", call.dialog.id), now)
        else:
            # Whatever else they say, they are there; only silence says that they may not be
            if outcome.response is None:
                self._tell(events.Expired(dialog=call.dialog.id))
            self.arm(call, now)

    def _refresh(self, call: Call, timer: SessionTimer, now: float) -> None:
        expires = SessionExpires(seconds=timer.seconds, refresher=Refresher.UAC)  # of this request the client is us
        fields: Fields = (("Supported", "timer"), ("Session-Expires", str(expires)), *ALLOW)
        call.changing = True
        allowed = {method.upper() for method in call.dialog.allowed}
        if "UPDATE" in allowed or call.session is None:
            self.send(call, "UPDATE", now, fields=fields)
        else:
            content_type, body = call.session
            self.send(call, "INVITE", now, fields=(*fields, ("Content-Type", content_type)), body=body)

    def _refreshed(self, call: Call, outcome: Outcome, response: Response, now: float) -> None:
        if outcome.request.method == "INVITE":
            flow = outcome.transaction.flow
            cseq = Essentials.of(outcome.request).cseq.number
            via = f"SIP/2.0/{flow.transport.upper()} {flow.local};rport;branch={MAGIC_COOKIE}{self._fresh()}"
            contact = self._terms.contact(flow, secure=call.secure)
            ack, call.dialog = call.dialog.request("ACK", via=via, contact=contact, cseq=cseq)
            self._clients.acknowledge(outcome, ack)
        call.dialog = replace(call.dialog, timer=_agreed(response))
        self.arm(call, now)

    def _lengthen(self, call: Call, outcome: Outcome) -> bool:
        """Whether they named an interval that would be long enough, and is longer than ours."""
        least = outcome.response.headers.first("min-se") if outcome.response else None
        timer = call.dialog.timer
        if not least or timer is None or NUMBER.fullmatch(least) is None or not timer.seconds < int(least) < 2**31:
            return False
        call.dialog = replace(call.dialog, timer=replace(timer, seconds=int(least)))
        return True


def _agreed(response: Response) -> SessionTimer | None:
    """What a 2xx to our refresh says of the next one (section 7.2): who was the client of this request is us."""
    try:
        expires = SessionExpires.of(response.headers)
    except ProtocolError:
        return None
    if expires is None or expires.seconds == 0:
        return None
    return SessionTimer(seconds=expires.seconds, we_refresh=expires.refresher is not Refresher.UAS)
