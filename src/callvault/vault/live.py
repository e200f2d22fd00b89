"""Live calls, and the verbs that steer them, wherever they run.

A verb becomes an order, which lies in the catalogue until whoever has the call carries it out; then the recordings that
it was about get their entries, so that every dialect lists them.  What does not live here: carrying orders out
(``capture.steering``), the side of whoever has the calls (``live_calls``), entries (``live_entries``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from callvault.catalogue.store import Catalogue
from callvault.errors import BadRequest, CatalogueError, Conflict, Ended, HouseError, NotFound
from callvault.model.hook import Hook
from callvault.model.ids import new_id
from callvault.model.life import LIVE
from callvault.model.live import LiveCall, Phase, foreign_name
from callvault.model.order import Change, Done, Mask, NotDone, Order, Start, Verb
from callvault.model.policy import SETTING, Policy, policy_of, write_policy
from callvault.vault.commands import Callback, Ref
from callvault.vault.hook_commands import AddHook
from callvault.vault.known_calls import is_over
from callvault.vault.live_commands import (
    FindLiveCalls,
    GetLiveCall,
    GetPolicy,
    KeepPolicy,
    MaskCall,
    StartRecording,
    Steered,
    SteerRecording,
    ToggleRecording,
)
from callvault.vault.live_entries import LiveEntries
from callvault.vault.notifying import Notifying
from callvault.vault.reading import Reading
from callvault.vault.url_seal import UrlSeal, pushed_to, with_pushes

log = logging.getLogger("callvault.live")

PATIENCE_S = 5.0
"""How long an order lies there before it is taken back; and how long one that was taken is waited for."""
FIRST_LOOK_S, LOOK_S = 0.01, 0.05


class Live:
    """What can be done with live calls."""

    def __init__(
        self,
        catalogue: Catalogue,
        reading: Reading,
        notifying: Notifying,
        *,
        seal: UrlSeal,
        clock: Callable[[], datetime],
        entropy: Callable[[int], bytes],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._catalogue = catalogue
        self._reading = reading
        self._notifying = notifying
        self._entries = LiveEntries(catalogue, clock)
        self._entropy = entropy
        self._seal = seal
        self._patience_s = patience_s

    async def find(self, command: FindLiveCalls) -> Sequence[LiveCall]:
        """The calls that are being received.

        Raises:
            NotFound: the account has no such user.
        """
        known = command.known_user
        if known is not None and await self._catalogue.user(command.account_id, known) is None:
            raise NotFound("user", str(known))
        calls = await self._catalogue.live_calls(command.account_id)
        return [call for call in calls if command.user_id in (None, call.user_id)]

    async def get(self, command: GetLiveCall) -> LiveCall:
        """One of them.

        Raises:
            NotFound: the account has none such.
        """
        return await self._located(command.account_id, command.call)

    async def start(self, command: StartRecording, now: datetime) -> Steered:
        """Begin a recording.

        Raises:
            NotFound: there is no such live call.
            BadRequest: nobody can be told at the callback's URL.
            HouseError: nobody carried it out; or the answer did not come, and the sentence says which.
        """
        call = await self._located(command.account_id, command.call)
        hook = self._hook(command.account_id, command.callback, now) if command.callback else None
        recording = new_id(now, self._entropy(10))
        done = await self._order(
            call, Start(recording=recording, wish=self._seal.wish(command.wish), key=command.key), now
        )
        if hook is not None:
            await self._note(self._listen(hook, done, recording))
        foreign = {dialect: {"recording": text} for dialect, text in command.foreign.items()}
        return Steered(call=done.call, recordings=await self._entries.write(done, foreign=foreign))

    async def steer(self, command: SteerRecording, now: datetime) -> Steered:
        """Pause recordings, let them go on, or stop them.

        Raises:
            NotFound: there is no such live call, or no such recording.
            Conflict: it is not in the state for that.
            BadRequest: neither a call nor a recording is named.
            HouseError: nobody carried it out; or the answer did not come, and the sentence says which.
        """
        recording = await self._recording_id(command.account_id, command.recording)
        call = await self._steered_call(command, recording)
        verb = Change(
            to=command.to,
            recording=recording,
            all_of_them=command.all_of_them,
            only=command.only,
            silent=command.silent,
            settled=command.settled,
            key=command.key,
        )
        done = await self._order(call, verb, now)
        return Steered(call=done.call, recordings=await self._entries.write(done, extras=command.extras))

    async def toggle(self, command: ToggleRecording, now: datetime) -> Steered:
        """Stop the recording that was started last, or begin one where none is under way.

        Raises:
            NotFound: there is no such live call.
            HouseError: nobody carried it out; or the answer did not come, and the sentence says which.
        """
        call = await self._located(command.account_id, command.call)
        if call.active:
            stop = SteerRecording(account_id=command.account_id, call=command.call, to=Phase.STOPPED)
            try:
                return await self.steer(stop, now)
            except NotFound:
                pass  # it ended since the call was told of last
        return await self.start(
            StartRecording(account_id=command.account_id, call=command.call, wish=command.wish), now
        )

    async def mask(self, command: MaskCall, now: datetime) -> LiveCall:
        """Silence a call in all its recordings, or let it be heard again.

        Raises:
            NotFound: there is no such live call.
            HouseError: nobody carried it out; or the answer did not come, and the sentence says which.
        """
        call = await self._located(command.account_id, command.call)
        return (await self._order(call, Mask(on=command.on), now)).call

    async def policy(self, command: GetPolicy) -> Policy:
        """Which calls are recorded by themselves; the URLs in it as they are kept."""
        account = await self._catalogue.account(command.account_id)
        return policy_of(account.settings if account else {})

    async def keep_policy(self, command: KeepPolicy) -> Policy:
        """Choose which calls are recorded by themselves from now on.

        Nobody is shown the credentials in a URL, so one that is given back without them keeps those that it had.

        Raises:
            NotFound: there is no such account.
        """
        said = write_policy(command.policy)

        def anew(settings: Mapping[str, Any]) -> Mapping[str, Any]:
            known = pushed_to(settings)
            closed = with_pushes(
                {SETTING: said}, lambda url: self._seal.keep(known[url]) if url in known else self._seal.close(url)
            )
            return {**settings, **closed}

        return policy_of((await self._catalogue.revise_account(command.account_id, anew)).settings)

    async def _located(self, account_id: UUID, ref: Ref) -> LiveCall:
        core_id = await self._reading.core_id(account_id, ref)
        names = [foreign_name(ref.dialect, ref.kind, ref.text), str(core_id) if core_id else "", ref.text]
        call = await self._catalogue.live_call(account_id, *filter(None, dict.fromkeys(names)))
        if call is None and core_id is not None and await is_over(self._catalogue, account_id, ref.kind, core_id):
            raise Ended("live call", ref.text)
        if call is None:
            raise NotFound("live call", ref.text)
        return call

    async def _recording_id(self, account_id: UUID, ref: Ref | None) -> UUID | None:
        if ref is None:
            return None
        core_id = await self._reading.core_id(account_id, ref)
        if core_id is None:
            raise NotFound("recording", ref.text)
        return core_id

    async def _steered_call(self, command: SteerRecording, recording: UUID | None) -> LiveCall:
        """The call that is meant, which has the recording where one is named."""
        account_id, text = command.account_id, command.recording.text if command.recording else ""
        if command.call is not None:
            call: LiveCall | None = await self._located(account_id, command.call)
        elif recording is not None:
            call = await self._catalogue.live_call(account_id, str(recording))
        else:
            raise BadRequest("Say which call, or which recording, is meant.", field="call")
        if call is not None and (recording is None or call.recording(recording) is not None):
            return call
        known = await self._catalogue.get(recording, account_id=account_id) if recording is not None else None
        if known is not None and known.status not in LIVE and (call is None or known.call_id == call.call_id):
            raise Conflict(f"The recording {text} has ended.")
        raise NotFound("recording", text)

    def _hook(self, account_id: UUID, callback: Callback, now: datetime) -> Hook:
        return self._notifying.foresee(
            AddHook(
                account_id=account_id,
                dialect=callback.dialect,
                url=callback.url,
                method=callback.method,
                events=callback.events,
                username=callback.username,
                password=callback.password,
                options=callback.options,
            ),
            now,
        )

    async def _listen(self, hook: Hook, done: Done, asked: UUID) -> None:
        """Whoever asked is told of the recording; of one that was made for an earlier request, unless that came to its
        end: then it has its entry, and whoever was to be told is."""
        for made in done.recordings:
            if made == asked or await self._catalogue.get(made, account_id=hook.account_id) is None:
                await self._catalogue.add_hook(replace(hook, recording_id=made))

    async def _order(self, call: LiveCall, verb: Verb, now: datetime) -> Done:
        """Give an order and wait for what comes of it."""
        order = Order(
            id=new_id(now, self._entropy(10)),
            account_id=call.account_id,
            take=call.take,
            node=call.node,
            verb=verb,
            made_at=now,
        )
        await self._catalogue.give_order(order)
        reply = await self._reply(order.id)
        if reply is None and await self._catalogue.take_order_back(order.id):
            raise HouseError(
                f"The recorder that has the call did not answer within {self._patience_s:g} s; nothing was changed."
            )
        reply = reply or await self._reply(order.id)
        if reply is None:
            raise HouseError("The recorder that has the call did not say whether it did what was asked; ask again.")
        await self._note(self._catalogue.forget_order(order.id))
        if isinstance(reply, Done):
            return reply
        raise _refusal(reply, call)

    async def _reply(self, order_id: UUID) -> Done | NotDone | None:
        loop = asyncio.get_running_loop()
        until, pause_s = loop.time() + self._patience_s, FIRST_LOOK_S
        while loop.time() < until:
            await asyncio.sleep(pause_s)
            reply = await self._catalogue.order_reply(order_id)
            if reply is not None:
                return reply
            pause_s = min(LOOK_S, 2 * pause_s)
        return None

    async def _note(self, work: Awaitable[object]) -> None:
        """Do what the verb does not hang on: it has been carried out already."""
        try:
            await work
        except CatalogueError as error:
            log.warning("a verb was carried out, and not all of it was written down: %s", error)


def _refusal(reply: NotDone, call: LiveCall) -> Exception:
    match reply.fault:
        case "ended":
            return Ended("live call", str(call.call_id))
        case "not-found":
            return NotFound("recording under way", "")
        case "conflict":
            return Conflict(reply.sentence)
        case _:
            return HouseError(reply.sentence)
