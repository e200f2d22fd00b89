"""One dialogue with the recorder: INVITE, what changes it, its end (RFC 3261 sections 12 to 15, RFC 3311, RFC 4028).

What lives here: tags, numbers, routes, acknowledgements, credentials.  What does not: what is said in it (``styles``),
when (``call``), timers (``agent``).
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable
from dataclasses import replace

from callvault.caller import digest, messages
from callvault.caller.agent import Agent, same_transaction
from callvault.caller.digest import Credentials
from callvault.caller.messages import Message, parameter, uri
from callvault.caller.styles.scene import Content, Dialogue, Scene
from callvault.caller.styles.style import Style

_MOST_TRIES = 4
_REFUSED_FOR_NOW = {491, 500}
"""Requests have crossed, or the one before is not done with (RFC 3261 sections 14.1 and 14.2)."""


class Session:
    """A dialogue, and the requests in it."""

    def __init__(
        self, agent: Agent, style: Style, *, target: str, dice: random.Random, credentials: Credentials | None
    ) -> None:
        self._agent, self._style, self._dice, self._credentials = agent, style, dice, credentials
        self._target = target
        self._routes: tuple[str, ...] = ()
        self.call_id = f"{dice.randbytes(8).hex()}@{agent.way.host}"
        self._from_tag = dice.randbytes(4).hex()
        self._to_tag: str | None = None
        self._cseq = style.first_cseq - 1
        self._invite = b""
        self._acknowledgements: dict[int, bytes] = {}
        self._inviting = False
        self.expires_s: int | None = None
        self.on_bye: Callable[[], None] = lambda: None
        self.on_offer: Callable[[Message], str | None] = lambda _: None
        """What answers a session description of the recorder's; None: there is none to answer."""
        agent.listen(self.call_id, self)

    # What we ask

    async def invite(
        self,
        content: Content,
        scene: Scene,
        *,
        expires_s: int | None = None,
        acknowledges: bool = True,
        provisional: Callable[[Message], None] | None = None,
    ) -> Message:
        """An INVITE, or within the dialogue a re-INVITE; the final answer, acknowledged unless it was not to be.

        An INVITE without a description is acknowledged by ``answer_late``.
        """
        self._inviting = True
        try:
            response = await self._ask("INVITE", content, scene, expires_s=expires_s, provisional=provisional)
        finally:
            self._inviting = False
        if 200 <= (response.status or 0) < 300:
            self._establish(response)
            if acknowledges and content is not Content.NOTHING:
                self._acknowledge(response.cseq, Content.NOTHING, scene)
        return response

    def answer_late(self, response: Message, scene: Scene) -> None:
        """The ACK that answers the recorder's offer."""
        self._acknowledge(response.cseq, Content.DESCRIPTION, scene)

    async def update(self, content: Content, scene: Scene) -> Message:
        """An UPDATE (RFC 3311)."""
        return await self._ask("UPDATE", content, scene)

    async def bye(self, scene: Scene) -> Message:
        """The end."""
        return await self._ask("BYE", Content.NOTHING, scene)

    async def cancel(self) -> Message:
        """Take the INVITE back that is under way."""
        return await self._agent.ask(same_transaction(self._invite, "CANCEL"))

    async def ping(self, scene: Scene) -> Message:
        """Whether anybody is there: OPTIONS outside of the dialogue."""
        dialogue = self._dialogue("OPTIONS")
        return await self._agent.ask(
            self._style.request(Content.NOTHING, scene, replace(dialogue, call_id=f"ping-{dialogue.call_id}"))
        )

    def close(self) -> None:
        """Nothing that comes is ours any more."""
        self._agent.forget(self.call_id)

    # What we hear

    def hear_request(self, request: Message) -> bytes | None:
        """The answer to what the recorder asks."""
        method = request.method
        if method == "ACK":
            return None
        if method == "BYE":
            self.on_bye()
        if method in {"INVITE", "UPDATE"}:
            if self._inviting:
                return messages.respond(request, 491, "Request Pending", to_tag=self._from_tag)
            body = self.on_offer(request)
            way = self._agent.way
            host = f"[{way.host}]" if ":" in way.host else way.host
            extra = [f"Contact: <sip:recording@{host}:{way.port}>"]
            extra += [] if body is None else ["Content-Type: application/sdp"]
            return messages.respond(request, 200, "OK", to_tag=self._from_tag, extra=extra, body=body or "")
        return messages.respond(request, 200, "OK", to_tag=self._from_tag)

    def hear_again(self, response: Message) -> bytes | None:
        """A 2xx that is repeated wants its ACK again."""
        return self._acknowledgements.get(response.cseq)

    # How

    def _dialogue(self, method: str, cseq: int | None = None) -> Dialogue:
        if cseq is None:
            self._cseq += 1
            cseq = self._cseq
        branch = f"z9hG4bK{self._dice.randbytes(8).hex()}"
        return Dialogue(
            method=method, target=self._target, branch=branch, call_id=self.call_id, from_tag=self._from_tag,
            to_tag=self._to_tag, cseq=cseq,
        )  # fmt: skip

    async def _ask(
        self,
        method: str,
        content: Content,
        scene: Scene,
        *,
        expires_s: int | None = None,
        provisional: Callable[[Message], None] | None = None,
    ) -> Message:
        extra: list[tuple[str, str]] = []
        response = Message(start="SIP/2.0 500 Not Asked", headers=())
        for _ in range(_MOST_TRIES):
            octets = self._style.request(content, scene, self._dialogue(method), [*self._route(), *extra])
            octets = octets if expires_s is None else _expiring(octets, expires_s)
            if method == "INVITE":
                self._invite = octets
            response = await self._agent.ask(octets, provisional=provisional)
            status = response.status or 0
            if status in {401, 407} and self._credentials is not None and not extra:
                answer = self._authorisation(response, method)
                if answer is None:
                    return response
                extra = [answer]
            elif status in _REFUSED_FOR_NOW and self._to_tag is not None and method != "BYE":
                # the owner of the Call-ID waits longer (RFC 3261 section 14.1)
                await asyncio.sleep(self._dice.uniform(2.1, 4.0))
            elif status == 422:
                expires_s = int(re.sub(r"\D", "", response.get("min-se")) or 0) or None
            else:
                return response
        return response

    def _authorisation(self, response: Message, method: str) -> tuple[str, str] | None:
        asked, said = (
            ("www-authenticate", "Authorization")
            if response.status == 401
            else ("proxy-authenticate", "Proxy-Authorization")
        )
        challenge = digest.strongest([value for name, value in response.headers if name == asked])
        if challenge is None or self._credentials is None:
            return None
        cnonce = self._dice.randbytes(8).hex()
        return said, digest.authorise(challenge, self._credentials, method=method, uri=self._target, cnonce=cnonce)

    def _establish(self, response: Message) -> None:
        """What a 2xx says of the dialogue (RFC 3261 section 12.1.2)."""
        if self._to_tag is None:
            self._to_tag = parameter(response.get("to"), "tag")
            self._routes = tuple(reversed(response.every("record-route")))
        contact = response.get("contact")
        if contact:
            self._target = uri(contact)
        expires = re.match(r"\d+", response.get("session-expires"))
        ours = (parameter(response.get("session-expires"), "refresher") or "uac").lower() == "uac"
        self.expires_s = int(expires[0]) if expires and ours else None

    def _route(self) -> list[tuple[str, str]]:
        return [("Route", route) for route in self._routes]

    def _acknowledge(self, cseq: int, content: Content, scene: Scene) -> None:
        dialogue = self._dialogue("ACK", cseq)
        self._acknowledgements[cseq] = self._style.request(content, scene, dialogue, self._route())
        self._agent.send(self._acknowledgements[cseq])


def _expiring(octets: bytes, expires_s: int) -> bytes:
    """With another Session-Expires, or with one."""
    head, blank, body = octets.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"session-expires", b"min-se"))]
    lines.insert(-1, f"Session-Expires: {expires_s};refresher=uac".encode())
    lines.insert(-1, b"Min-SE: 90")
    return b"\r\n".join(lines) + blank + body
