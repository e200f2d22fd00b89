"""Verbs for live calls, given to a vault as a dialect gives them."""

from __future__ import annotations

from pathlib import Path

from callvault.catalogue.verbs import Verbs
from callvault.media.store import MediaStore
from callvault.model.actor import Account, Actor
from callvault.model.events import EventKind
from callvault.model.hook import HookForm
from callvault.model.live import LiveCall, Phase
from callvault.model.recording import Recording
from callvault.model.wish import Wish
from callvault.vault.commands import Callback, Ref
from callvault.vault.live_commands import StartRecording, Steered, SteerRecording
from callvault.vault.secrets import Secrets
from callvault.vault.vault import Vault
from tests.wheel import clock

EVERY_EVENT = HookForm(events=frozenset(EventKind), usual=frozenset(EventKind))
CALLBACK = Callback(dialect="callvault", url="https://app.example.net/told")


def by_id(call: LiveCall) -> Ref:
    """The call by its core id."""
    return Ref(dialect="callvault", kind="call", text=str(call.call_id), computed=call.call_id)


def a_vault(catalogue: Verbs, folder: Path) -> Vault:
    """It tells of everything."""
    store = MediaStore.in_folder("main", folder / "media")
    forms = {"callvault": EVERY_EVENT}
    return Vault(catalogue, {"main": store}, folder, Secrets(bytes(32)), hook_forms=forms, clock=clock)


async def perform(vault: Vault, account: Account, command: object) -> object:
    """Whatever comes of a command of the account's."""
    return await vault.perform(command, Actor(account=account, key_id=None), clock())  # type: ignore[arg-type]


async def start(
    vault: Vault, account: Account, call: LiveCall, *, key: str | None = None, callback: Callback | None = None
) -> Recording:
    """The entry of a recording that begins."""
    command = StartRecording(
        account_id=account.id, call=by_id(call), wish=Wish(label="tea"), key=key, callback=callback
    )
    done = await perform(vault, account, command)
    assert isinstance(done, Steered)
    (recording,) = done.recordings
    return recording


async def steer(vault: Vault, account: Account, call: LiveCall, to: Phase) -> Recording:
    """The entry of the one that is steered."""
    done = await perform(vault, account, SteerRecording(account_id=account.id, call=by_id(call), to=to))
    assert isinstance(done, Steered)
    (recording,) = done.recordings
    return recording
