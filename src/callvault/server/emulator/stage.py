"""The stage: puts the cast into a vault, and moves each recording on when its time comes.

Recordings are moved as anybody else would move them: by a change in the catalogue that the table of life allows, with
the audio in the store before the entry says that it can be heard.  So everything that follows from a change, notices
among it, follows here too.  What does not live here: resets (``emulator``), and what the entries say (``roles``).
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from callvault.errors import CallerError, CallvaultError, OperatorError
from callvault.media.keys import original_key
from callvault.model.actor import Account, User
from callvault.model.events import events_between
from callvault.model.life import move
from callvault.model.recording import Recording, Status
from callvault.server.emulator.clock import EmulatedClock
from callvault.server.emulator.originals import Original
from callvault.server.emulator.roles import Role, role_of
from callvault.server.emulator.seed import LONG_AGO, Seed, SeedAccount, SeedHook, entropy_of
from callvault.vault.changing import apply
from callvault.vault.enrolment import Heard, stored
from callvault.vault.hook_commands import AddHook
from callvault.vault.secrets import make_key
from callvault.vault.vault import Vault

log = logging.getLogger("callvault.emulator")

STORE = "main"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cue:
    """A step that is still to come."""

    at: datetime
    role: Role
    index: int

    @property
    def status(self) -> Status:
        """What the recording becomes."""
        return self.role.steps[self.index].status


class Stage:
    """One play in one vault, from the start of the clock on."""

    def __init__(
        self,
        vault: Vault,
        seed: Seed,
        originals: Mapping[tuple[str, str], Original],
        folder: Path,
        clock: EmulatedClock,
        *,
        first_start: datetime,
    ) -> None:
        self._vault = vault
        self._seed = seed
        self._originals = originals
        self._folder = folder
        self._clock = clock
        self._first_start = first_start
        self._turn = asyncio.Lock()
        self._cues: deque[Cue] = deque()
        self.accounts: dict[str, Account] = {}
        """By their names, as the catalogue keeps them."""
        self.roles: tuple[Role, ...] = ()

    async def set_up(self) -> None:
        """Everybody takes their places, and the recordings that begin with the clock begin.

        Raises:
            OperatorError: one cannot, beside the others: the ids that the file gave are taken, a hook is none.
        """
        start = self._clock.started_at
        for seed in self._seed.accounts:
            self.accounts[seed.name] = await self._enrol(seed)
        self.roles = tuple(role for seed in self._seed.accounts for role in self._cast(seed, start))
        cues: list[Cue] = []
        there: list[tuple[Role, Recording]] = []
        for role in self.roles:
            past = sum(step.after.total_seconds() < 0 for step in role.steps)
            if past or not role.steps:
                there.append((role, role.first(past - 1) if past else role.finished))
            cues += [Cue(at=role.moment(index), role=role, index=index) for index in range(past, len(role.steps))]
        await asyncio.gather(*(self._place(role, entry) for role, entry in there))
        for seed in self._seed.accounts:
            for hook in seed.hooks:
                await self._listen(seed, hook)
        self._cues = deque(sorted(cues, key=lambda cue: cue.at))
        await self.catch_up(first=True)

    async def play(self) -> None:
        """Move recordings on for as long as this is not cancelled."""
        while True:
            await self._clock.reach(self._cues[0].at if self._cues else None)
            try:
                await self.catch_up()
            except CallvaultError:
                log.exception("a recording could not be moved on")
                await asyncio.sleep(1.0)

    async def catch_up(self, until: datetime | None = None, *, first: bool = False) -> None:
        """Do everything that is due.

        ``until``: put the clock on to this moment, with everything due on the way.  ``first``: nobody else has had a
        hand in it yet, so what cannot be done is the file's fault.
        """
        async with self._turn:
            while self._cues and self._cues[0].at <= (until or self._clock.now()):
                cue = self._cues[0]
                self._put_on(cue.at if until else None)
                try:
                    await self._move(cue)
                except CallerError as error:
                    if first:
                        raise self._wrong(cue.role.line, error) from error
                    log.warning("%s/%s does not become %s: %s", cue.role.account_name, cue.role.name, cue.status, error)
                self._cues.popleft()
            self._put_on(until)

    def next_cue(self, role: Role) -> Cue | None:
        """What a recording comes to next."""
        return next((cue for cue in self._cues if cue.role is role), None)

    def _put_on(self, moment: datetime | None) -> None:
        if moment is not None and moment > self._clock.now():
            self._clock.advance(moment - self._clock.now())

    async def _move(self, cue: Cue) -> None:
        role, catalogue = cue.role, self._vault.catalogue
        current = await catalogue.get(role.finished.id)
        if cue.index == 0:
            entry = role.first(0)
            entry = await self._heard(role, entry) if cue.status is Status.AVAILABLE else entry
            await catalogue.add(entry, events=events_between(None, entry))
            return
        if current is None or current.status is Status.DELETED:
            return  # its owner took it away
        bytes_of = (await self._heard(role, current)).media if cue.status is Status.AVAILABLE else None

        def anew(entry: Recording) -> Recording:
            move(entry.status, cue.status)
            return replace(entry, **role.changes(cue.index), media=bytes_of)

        await apply(catalogue, current, anew)

    async def _place(self, role: Role, entry: Recording) -> None:
        """An entry that was there before the start, of which nobody is told."""
        try:
            there = await self._heard(role, entry) if entry.status is Status.AVAILABLE else entry
            await self._vault.catalogue.add(there)
        except CallerError as error:
            raise self._wrong(role.line, error) from error

    async def _listen(self, seed: SeedAccount, hook: SeedHook) -> None:
        command = AddHook(
            account_id=seed.id,
            dialect=hook.dialect,
            url=hook.url,
            failover_url=hook.failover_url,
            method=hook.method,
            events=hook.events,
            username=hook.username,
            password=hook.password,
            options=hook.options,
        )
        try:
            await self._vault.notifying.add(command, self._clock.now())
        except CallerError as error:
            raise self._wrong(hook.line, error) from error

    def _wrong(self, line: int, error: CallerError) -> OperatorError:
        return OperatorError(f"{self._seed.file}, line {line}: {error}")

    async def _heard(self, role: Role, entry: Recording) -> Recording:
        """The entry with its bytes, which are in the store when this returns."""
        original = self._originals[role.account_name, role.name]
        place = original_key(entry.account_id, entry.id, original.heard.sha256, original.heard.facts.format)
        part = self._folder / f"{entry.id}.copy"
        await asyncio.to_thread(shutil.copyfile, original.path, part)
        await self._vault.stores[STORE].put_file(place, part)
        return stored(entry, original.heard, store=STORE, key=place)

    def _cast(self, seed: SeedAccount, start: datetime) -> list[Role]:
        account = self.accounts[seed.name]
        return [
            role_of(
                recording,
                self._heard_of(seed.name, recording.name),
                account_id=account.id,
                account_name=seed.name,
                number=number,
                start=start,
                first_start=self._first_start,
            )
            for number, recording in enumerate(seed.recordings, 1)
        ]

    def _heard_of(self, account: str, recording: str) -> Heard:
        return self._originals[account, recording].heard

    async def _enrol(self, seed: SeedAccount) -> Account:
        """An account with its key, whose secret is also sealed, as that of every account's first key is."""
        vault = self._vault
        account = await vault.catalogue.add_account(
            Account(id=seed.id, serial=seed.serial, name=seed.name, created_at=LONG_AGO, settings=seed.settings)
        )
        entropy = bytes.fromhex(seed.key) + entropy_of("seal", seed.name)[:12]
        key = make_key(account.id, label="first", now=LONG_AGO, entropy=entropy, seal_with=vault.secrets)
        await vault.catalogue.add_key(key.key)
        for user in seed.users:
            digests = vault.desk.user_digests(user.name, user.password)
            await vault.catalogue.add_user(
                User(id=user.id, account_id=account.id, name=user.name, created_at=LONG_AGO, credential_digests=digests)
            )
        return account
