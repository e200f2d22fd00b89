"""A call to a recorder, from the INVITE to the BYE: what happens when.

What lives here: the order of things.  What does not: requests (``session``), the scene (``stage``), packets
(``timeline``, ``network``, ``outlet``).
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from callvault.caller import answer, network, timeline
from callvault.caller.agent import Agent
from callvault.caller.answer import Agreed
from callvault.caller.messages import Message
from callvault.caller.outlet import Outlet
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.player import Player
from callvault.caller.report import CallReport
from callvault.caller.session import Session
from callvault.caller.stage import Stage
from callvault.caller.styles.registry import style_named
from callvault.caller.styles.scene import Content, Line, Scene
from callvault.caller.timeline import Conduct, Numbers
from callvault.caller.transport import destination, own_address
from callvault.errors import HouseError, ProtocolError

_FIRST_REPORT_S, _REPORT_EVERY_S = 0.4, 5.0
_CALLEE = 1


class Refused(HouseError):
    """The recorder does not take the call."""

    code = "call-refused"

    def __init__(self, response: Message) -> None:
        super().__init__(f"The recorder refuses the call: {response.status} {response.reason}.")
        self.response = response


class Call:
    """One call: ``async with Call(plan) as call`` has it accepted, ``await call.play()`` plays it; then it hangs up."""

    def __init__(self, plan: CallPlan, agent: Agent | None = None) -> None:
        self.plan = plan
        self.style = style_named(plan.style)
        self._agent = agent or Agent()
        self._owns_agent = agent is None
        self._agent.keeps_log = self._agent.keeps_log or plan.keeps_messages
        self._dice = random.Random(plan.seed) if plan.seed is not None else random.SystemRandom()  # noqa: S311
        self._player = Player(speed=plan.speed)
        self._turn = asyncio.Lock()
        self._status, self._reason, self._ended = 0, "", "refused"
        self._setup_s, self._passed_s = 0.0, 0.0
        self._notes: list[str] = []
        self._known: dict[int, Agreed] = {}
        self.recorded_call = plan.recorded_call or f"{self._dice.getrandbits(64):016x}@{plan.voices[0].host}"

    async def __aenter__(self) -> Self:
        """Connect, and have the recorder accept.

        Raises:
            Refused: it does not.
            HouseError: nobody answers, or what is answered is of no use.
        """
        to = destination(self.plan.recorder, self.plan.transport)
        own = self.plan.own_address or own_address(to)
        if self._owns_agent:
            await self._agent.connect(
                to, ca_file=self.plan.ca_file, certificate=self.plan.certificate, own=self.plan.own_address
            )
        way = self._agent.way
        scene = self._scene(way.host, way.port, own, to.transport)
        self._stage = Stage(self.plan, self.style, scene, self._dice)
        self._session = Session(
            self._agent, self.style, target=self.plan.recorder, dice=self._dice, credentials=self.plan.credentials
        )
        self._session.on_bye = self._hung_up
        self._session.on_offer = self._take_offer
        try:
            self._stage.open()
            await self._begin()
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up, unless the call is to vanish or is over."""
        try:
            if self._ended == "bye":
                if self.plan.vanishes:
                    self._ended = "vanished"
                else:
                    await self._session.bye(self._stage.scene)
        finally:
            self._close()

    def _scene(self, host: str, port: int, media_host: str, transport: str) -> Scene:
        now = datetime.now(UTC)
        return Scene(
            signalling_host=host, signalling_port=port, media_host=media_host, transport=transport,
            recorder=self.plan.recorder, session=self._dice.randbytes(16), group=self._dice.randbytes(16),
            origin=self._dice.randrange(100_000, 999_999), version=0, recorded_call=self.recorded_call, began_at=now,
            now=now, people=(), lines=(), parameters=self.plan.parameters,
        )  # fmt: skip

    def _close(self) -> None:
        self._session.close()
        self._stage.close()
        if self._owns_agent:
            self._agent.close()

    # The beginning

    async def _begin(self) -> None:
        whole = self._stage.scene
        if self.style.pings:
            await self._session.ping(whole)
        scene = self._opening(whole)
        content = Content.NOTHING if self.style.offers_late else Content.BOTH
        asked = time.monotonic()
        response = await self._invite(content, scene)
        self._setup_s = time.monotonic() - asked
        self._status, self._reason = response.status or 0, response.reason
        if self._status >= 300:
            raise Refused(response)
        self._ended = "bye"
        if self.style.offers_late:
            self._answer(response)
        else:
            self._agree(response, self.style.ordered(scene))
        if self.style.corrects_people:
            await self._session.update(Content.METADATA, self._stage.scene)
        if len(scene.lines) < len(whole.lines):
            self._stage.changed()
            await self._reinvite()

    async def _invite(self, content: Content, scene: Scene) -> Message:
        expires_s = self.plan.session_expires_s
        if not self.plan.cancels:
            return await self._session.invite(content, scene, expires_s=expires_s)
        busy = asyncio.Event()
        inviting = asyncio.create_task(self._session.invite(content, scene, provisional=lambda _: busy.set()))
        working = asyncio.create_task(busy.wait())
        await asyncio.wait({inviting, working}, return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        if not inviting.done():
            await self._session.cancel()
        return await inviting

    def _opening(self, whole: Scene) -> Scene:
        """What the INVITE knows: with some styles not everything yet."""
        if self.style.names_one_first:
            return replace(whole, people=whole.people[:1], lines=whole.lines[:1])
        if self.style.corrects_people:
            dummy = replace(whole.people[_CALLEE], user="", name="")
            return replace(whole, people=(whole.people[0], dummy, *whole.people[_CALLEE + 1 :]))
        return whole

    def _answer(self, response: Message) -> None:
        """The recorder has offered: our lines are its lines, in its order; what is too many is refused."""
        offered = answer.read(response.body)
        own = list(self._stage.scene.lines)
        answered = [line for line, _ in zip(own, offered, strict=False)]
        answered += [replace(own[0], port=0, number=number) for number in range(len(own), len(offered))]
        self._session.answer_late(response, replace(self._stage.scene, lines=tuple(answered)))
        self._known.update({line.number: agreed for line, agreed in zip(own, offered, strict=False)})
        self._notes += self._stage.agree(offered[: len(own)], own[: len(offered)])

    def _agree(self, response: Message, lines: Sequence[Line]) -> None:
        answers = answer.read(response.body)
        self._known.update({line.number: agreed for line, agreed in zip(lines, answers, strict=False)})
        self._notes += self._stage.agree(answers, lines)

    # In the middle

    async def play(self) -> None:
        """All that the plan holds, in its time."""
        plan = self.plan
        for begin, end in plan.holds:
            self._change_at(begin, partial(self._hold, end))
            self._player.at(end, self._stage.want_all)
            self._change_at(end, self._resume)
        if plan.rings_until_s is not None:
            self._player.at(plan.rings_until_s, self._stage.want_all)
            self._change_at(plan.rings_until_s, self._resume)
        for number, voice in self._stage.voices.items():
            self._sound(number, not_before_s=max(voice.begins_at_s, plan.rings_until_s or 0.0))
        planned: tuple[tuple[float | None, Callable[[], Coroutine[Any, Any, None]]], ...] = (
            (plan.answers_at_s, partial(self._join, plan.voices[-1])),
            (plan.transfer_at_s, self._transfer),
            (plan.joins_at_s, partial(self._join, plan.joiner)),
            (plan.leaves_at_s, self._leave),
            (plan.renames_at_s, self._rename),
            *((at_s, self._refresh) for at_s in plan.refreshes_at_s),
        )
        for at_s, action in planned:
            if at_s is not None:
                self._change_at(at_s, action)
        expires_s = self._session.expires_s
        if expires_s is not None:
            for count in range(1, int(plan.lasts_s / (expires_s / 2)) + 1):
                self._change_at(count * expires_s / 2, self._refresh)
        self._player.at(plan.lasts_s, self._player.stop)
        await self._player.play()
        self._passed_s = self._player.passed_s
        for outlet in self._stage.outlets.values():
            if not plan.vanishes:
                outlet.part(self._cname)

    def _change_at(self, at_s: float, action: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin it then, or when what was begun before it has been answered: there is one change at a time within a
        dialogue (RFC 3261 section 14.1)."""

        async def in_turn() -> None:
            async with self._turn:
                await action()

        self._player.start_at(at_s, in_turn)

    def hang_up(self) -> None:
        """What is still to be played is not: ``play`` comes to its end."""
        self._player.stop()

    @property
    def _cname(self) -> str:
        return f"{self._session.call_id.partition('@')[0][:8]}@{self._stage.scene.media_host}"

    def _sound(self, number: int, *, not_before_s: float) -> None:
        """Put a line's packets, and the reports about it, among what is to be done."""
        voice, outlet = self._stage.voices[number], self._stage.outlets[number]
        agreed = self._known.get(number)
        if voice.never_comes or agreed is None or outlet.to is None:
            return
        outlet.begins_at_s = not_before_s
        conduct = Conduct(
            ptime_ms=self.plan.ptime_ms,
            holds=tuple((begin - not_before_s, end - not_before_s) for begin, end in self.plan.holds),
            presses=voice.presses,
            suppresses_silence=voice.suppresses_silence,
            restart_at_s=voice.restarts_at_s,
            codec_from_s=voice.changes_codec_at_s,
            drift_ppm=voice.drift_ppm,
        )
        sources = [self._numbers(), self._numbers()]
        outlet.made = list(timeline.departures(voice.sound, self._stage.codecs(number, agreed), conduct, sources))
        due = [(not_before_s + departure.at_s, departure) for departure in outlet.made]
        for at_s, departure in network.conveyed(due, voice.network):
            self._player.at(at_s, partial(outlet.depart, departure))
        if voice.moves_at_s is not None:
            self._player.at(voice.moves_at_s, outlet.move)
        if self.plan.rtcp:
            at_s = not_before_s + _FIRST_REPORT_S
            while at_s < self.plan.lasts_s:
                self._player.at(at_s, partial(self._tell, outlet))
                at_s += _REPORT_EVERY_S

    def _tell(self, outlet: Outlet) -> None:
        outlet.tell(self._cname, passed_s=self._player.passed_s)

    def _numbers(self) -> Numbers:
        dice = self._dice
        return Numbers(ssrc=dice.getrandbits(32), sequence=dice.getrandbits(16), timestamp=dice.getrandbits(32))

    async def _reinvite(self) -> None:
        scene = self._stage.scene
        response = await self._session.invite(Content.BOTH, scene, expires_s=self.plan.session_expires_s)
        if 200 <= (response.status or 0) < 300:
            self._agree(response, self.style.ordered(scene))
        else:
            self._notes.append(f"The recorder refused a re-INVITE: {response.status} {response.reason}.")

    async def _hold(self, until_s: float) -> None:
        self._stage.flow(active=False)
        self._stage.changed()
        if self.style.holds_twice:
            await self._session.invite(Content.BOTH, self._stage.scene, acknowledges=False)
        await self._reinvite()
        if self._player.passed_s >= until_s:  # what was answered so late is over
            self._stage.want_all()

    async def _resume(self) -> None:
        self._stage.flow(active=True)
        self._stage.changed()
        await self._reinvite()

    async def _transfer(self) -> None:
        self._stage.replace_person(_CALLEE, *self.plan.successor)
        self._stage.changed()
        await self._reinvite()

    async def _join(self, voice: Voice | None) -> None:
        if voice is None:
            return
        person = self._stage.enter(voice)
        number = None if self.style.mixed else self._stage.add_line(voice, person=person)
        self._stage.changed()
        await self._reinvite()
        if number is not None:
            self._sound(number, not_before_s=self._player.passed_s)

    async def _leave(self) -> None:
        number = len(self._stage.scene.people) - 1
        for line in self._stage.scene.lines:
            if line.person == number:
                self._stage.outlets[line.number].to = None
        self._stage.leave(number)
        self._stage.changed()
        await self._reinvite()

    async def _rename(self) -> None:
        self._stage.rename(_CALLEE, *self.plan.successor)
        await self._update(Content.METADATA)

    async def _refresh(self) -> None:
        if self.style.refreshes_by == "INVITE":
            await self._reinvite()
        else:
            await self._update(Content.NOTHING)

    async def _update(self, content: Content) -> None:
        response = await self._session.update(content, self._stage.scene)
        if not 200 <= (response.status or 0) < 300:
            self._notes.append(f"The recorder refused an UPDATE: {response.status} {response.reason}.")

    def _hung_up(self) -> None:
        self._ended = "recorder"
        self._player.stop()

    def _take_offer(self, request: Message) -> str | None:
        """The recorder's own re-INVITE: where it wants the streams now."""
        if b"v=0" not in request.body:
            return None
        with contextlib.suppress(ProtocolError):
            lines = self.style.ordered(self._stage.scene)
            self._notes += self._stage.agree(answer.read(request.body), lines)
        return self.style.describe(self._stage.scene)

    # The end

    def report(self) -> CallReport:
        """What became of it."""
        stage = self._stage
        outlets = [stage.outlets[number] for number in stage.voices]
        return CallReport(
            call_id=self._session.call_id,
            recorded_call=self.recorded_call,
            session=stage.scene.session,
            style=self.style.name,
            status=self._status,
            reason=self._reason,
            ended=self._ended,
            seconds=self._passed_s,
            setup_ms=self._setup_s * 1_000,
            streams=tuple(outlet.report() for outlet in outlets),
            notes=tuple(dict.fromkeys(self._notes)),
            messages=tuple(self._agent.log),
            packets=tuple(sorted(left for outlet in outlets for left in outlet.left)),
        )


async def place(plan: CallPlan, agent: Agent | None = None) -> CallReport:
    """Make a call, play it, hang up; a refusal is a report too.  What was to be cancelled and came through all the same
    is not played.

    Raises:
        HouseError: nobody answers, or what is answered is of no use.
    """
    call = Call(plan, agent)
    try:
        async with call:
            if not plan.cancels:
                await call.play()
    except Refused:
        pass
    return call.report()
