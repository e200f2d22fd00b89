"""Kills a process at its n-th write, fsync, rename, unlink or commit, for every n, and says what is left each time.

Run as a program: ``python -m tests.system.killing {intake|deletion} FOLDER``; prints one JSON line a kill.  Each run is
a child of this process, killed by its own SIGKILL right before the n-th deed; then a new vault opens the same folder,
as the next start would, and what it finds is counted.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.media.store import MediaStore
from callvault.model.actor import Account
from callvault.model.card import Card
from callvault.model.query import RecordingQuery
from callvault.vault.commands import DeleteRecording, Ref, TakeIn
from callvault.vault.secrets import Secrets
from callvault.vault.vault import Vault
from tests.world import tone_of_silence

ACCOUNT = UUID("019cbb40-1111-7111-8111-000000000001")
BEGAN = datetime(2026, 3, 5, tzinfo=UTC)
DEEDS = ("write", "pwrite", "fsync", "open", "rename", "replace", "unlink", "rmdir", "mkdir")
NEVER = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """What the next start finds."""

    killed_before: int
    ended: bool
    """The deed was done to its end, nothing was killed: the last line."""
    deed: str
    rows: int
    objects: int
    whole: bool
    """Every row's object is there with the row's size, and no object is without a row."""
    leftovers: int
    """Files in the folder of what is under way."""


def vault_in(folder: Path) -> Vault:
    """The same house at every start."""
    return Vault(
        SqliteCatalogue(folder / "catalogue.sqlite"),
        {"main": MediaStore.in_folder("main", folder / "media")},
        folder,
        Secrets(bytes(32)),
    )


async def prepare(folder: Path, *, with_recording: bool) -> None:
    """An account, and a recording where the deed needs one."""
    vault = vault_in(folder)
    await vault.open()
    await vault.catalogue.add_account(Account(id=ACCOUNT, serial=0, name="acme", created_at=BEGAN))
    if with_recording:
        await take_one(vault)
    await vault.close()


async def take_one(vault: Vault) -> None:
    """An intake of a few pieces."""

    async def content() -> AsyncIterator[bytes]:
        audio = tone_of_silence(2, 90_000)
        for start in range(0, len(audio), 300_000):
            yield audio[start : start + 300_000]

    await vault.intake.take_in(
        TakeIn(account_id=ACCOUNT, card=Card(started_at=BEGAN), content=content(), key="one"), BEGAN
    )


async def delete_one(vault: Vault) -> None:
    """The deletion of the one there is."""
    page = await vault.catalogue.find(RecordingQuery(account_id=ACCOUNT))
    ref = Ref(dialect="callvault", kind="recording", text="it", computed=page.items[0].id)
    await vault.erasing.delete(DeleteRecording(account_id=ACCOUNT, recording=ref), BEGAN)


def arm(after: int) -> None:
    """From now on count deeds, and die right before the one after ``after`` of them."""
    done = 0

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def deed(*arguments: Any, **named: Any) -> Any:
            nonlocal done
            if done == after:
                os.write(2, f"{name}\n".encode())
                os.kill(os.getpid(), signal.SIGKILL)
            done += 1
            return function(*arguments, **named)

        return deed

    for name in DEEDS:
        plain = getattr(os, name)
        wrapped = counted(name, plain)
        if name == "write":
            wrapped = _not_to_stderr(wrapped, plain)
        setattr(os, name, wrapped)
    arm_commits(counted)


def _not_to_stderr(wrapped: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    return lambda descriptor, data: plain(descriptor, data) if descriptor == 2 else wrapped(descriptor, data)


def arm_commits(counted: Callable[[str, Callable[..., Any]], Callable[..., Any]]) -> None:
    """Statements count too: the catalogue's own writes are inside the database library."""
    add, change = SqliteCatalogue.add, SqliteCatalogue.change
    SqliteCatalogue.add = counted("add", add)  # type: ignore[method-assign]
    SqliteCatalogue.change = counted("change", change)  # type: ignore[method-assign]


async def aftermath(folder: Path, after: int, deed: str, *, ended: bool) -> Aftermath:
    """Start again, as an operator would, and count."""
    vault = vault_in(folder)
    await vault.open()
    page = await vault.catalogue.find(RecordingQuery(account_id=ACCOUNT, with_total=True))
    named = {item.media.key: item.media.size_bytes for item in page.items if item.media}
    found = {key: await vault.stores["main"].size(key) async for key in vault.stores["main"].keys()}  # noqa: SIM118
    await vault.close()
    leftovers = len(list((folder / "incoming").glob("*"))) if (folder / "incoming").exists() else 0
    return Aftermath(
        killed_before=after,
        ended=ended,
        deed=deed,
        rows=len(page.items),
        objects=len(found),
        whole=named == found,
        leftovers=leftovers,
    )


def kill_everywhere(deed: Callable[[Vault], Coroutine[Any, Any, None]], folder: Path, *, with_recording: bool) -> None:
    """One child for every deed that the whole takes."""
    for after in range(NEVER):
        house = folder / str(after)
        asyncio.run(prepare(house, with_recording=with_recording))
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(writer, 2)
            _act(deed, house, after)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            last_words = pipe.read().decode().strip()
        _, status = os.waitpid(child, 0)
        ended = os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
        if not ended and not os.WIFSIGNALED(status):
            raise SystemExit(last_words)
        print(json.dumps(asdict(asyncio.run(aftermath(house, after, last_words, ended=ended)))), flush=True)
        if ended:
            return


def _act(deed: Callable[[Vault], Coroutine[Any, Any, None]], house: Path, after: int) -> None:
    async def act() -> None:
        vault = vault_in(house)
        await vault.open()
        arm(after)
        await deed(vault)
        os._exit(0)

    try:
        asyncio.run(act())
    except BaseException as error:  # noqa: BLE001 - told to the parent, whatever it is
        os.write(2, repr(error).encode())
        os._exit(1)


if __name__ == "__main__":
    which, place = sys.argv[1:]
    if which == "intake":
        kill_everywhere(take_one, Path(place), with_recording=False)
    else:
        kill_everywhere(delete_one, Path(place), with_recording=True)
