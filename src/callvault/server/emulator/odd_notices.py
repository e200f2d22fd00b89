"""Webhooks that go wrong on demand: a fault is looked for before each notice is put into words.

One that is late holds up those that come after it for the same recording, as a slow vendor's would; its copies are the
same bytes, one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from urllib.parse import urlsplit

from callvault.model.actor import Account
from callvault.model.hook import Delivery, Hook
from callvault.model.notice import Notice, Rules
from callvault.server.emulator.clock import EmulatedClock
from callvault.server.emulator.faults import Family, Faults, OddNotice
from callvault.webhooks.courier import Carrier, Speaker, Spoken
from callvault.webhooks.sender import Sent


@dataclass(frozen=True, kw_only=True, slots=True)
class RepeatedNotice(Notice):
    """One that goes out more than once."""

    copies: int


class OddSpeaker:
    """Another speaker, with faults."""

    def __init__(self, speaker: Speaker, faults: Faults, clock: EmulatedClock) -> None:
        self._speaker = speaker
        self._faults = faults
        self._clock = clock

    def rules(self, hook: Hook) -> Rules:
        """The vendor's rules for this hook."""
        return self._speaker.rules(hook)

    async def speak(self, delivery: Delivery, hook: Hook, account: Account, url: str) -> Spoken:
        """The notice of the next attempt, when its time has come."""
        deed = self._faults.take(Family.NOTICE, hook.dialect, hook.method, urlsplit(url).path or "/")
        if not isinstance(deed, OddNotice):
            return await self._speaker.speak(delivery, hook, account, url)
        await self._wait(deed.late_s)
        spoken = await self._speaker.speak(delivery, hook, account, url)
        told = {entry.name: getattr(spoken.notice, entry.name) for entry in fields(Notice)}
        return replace(spoken, notice=RepeatedNotice(**told, copies=deed.copies))

    async def _wait(self, seconds: float) -> None:
        moment = self._clock.now() + timedelta(seconds=seconds)
        while self._clock.now() < moment:
            await self._clock.reach(moment)


class OddCarrier:
    """Another carrier, which knows what goes out more than once."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def send(self, notice: Notice, rules: Rules, *, authorization: str | None = None) -> Sent:
        """One attempt; the outcome is the last copy's."""
        copies = notice.copies if isinstance(notice, RepeatedNotice) else 1
        for _ in range(copies - 1):
            await self._carrier.send(notice, rules, authorization=authorization)
        return await self._carrier.send(notice, rules, authorization=authorization)

    async def close(self) -> None:
        """Let go of everything."""
        await self._carrier.close()


class NoticeFaults:
    """Faults of webhooks, put around whatever speaks and whatever sends."""

    def __init__(self, faults: Faults, clock: EmulatedClock) -> None:
        self._faults = faults
        self._clock = clock

    def speaker(self, speaker: Speaker) -> Speaker:
        """The same speaker, sometimes late."""
        return OddSpeaker(speaker, self._faults, self._clock)

    def carrier(self, carrier: Carrier) -> Carrier:
        """The same carrier, sometimes more than once."""
        return OddCarrier(carrier)
