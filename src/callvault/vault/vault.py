"""The front of the hall: every command comes in here, is checked against the caller's scopes, and is carried out."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from callvault.catalogue.store import Catalogue
from callvault.errors import NotAllowed, NotAuthenticated, NotFound
from callvault.media.store import MediaStore
from callvault.model.actor import Actor, Claim
from callvault.model.destination import Network
from callvault.model.hook import HookForm
from callvault.vault.changing import Changing
from callvault.vault.clear_rows import ClearRows
from callvault.vault.commands import (
    SCOPES,
    Access,
    ChangeRecording,
    Command,
    DeleteMedia,
    DeleteRecording,
    DeleteRecordings,
    FindRecordings,
    GetCapture,
    GetRecording,
    LogIn,
    Nothing,
    OpenMedia,
    TakeIn,
)
from callvault.vault.desk import Desk
from callvault.vault.erasing import Erasing
from callvault.vault.finishing import Finishing
from callvault.vault.hook_commands import (
    ALL_THAT_IS_TOLD,
    TELLING,
    AddHook,
    FindDeliveries,
    FindHooks,
    GetDelivery,
    GetHook,
    RemoveHook,
    ReplayDelivery,
)
from callvault.vault.intake import Intake
from callvault.vault.keyring import Keyring
from callvault.vault.listening import Ear, Listening
from callvault.vault.live import Live
from callvault.vault.live_commands import (
    FindLiveCalls,
    GetLiveCall,
    GetPolicy,
    KeepPolicy,
    ListenIn,
    MaskCall,
    StartRecording,
    SteerRecording,
    ToggleRecording,
)
from callvault.vault.notifying import Notifying
from callvault.vault.own_commands import (
    AddPublicKey,
    ChangeSettings,
    DropStorage,
    FindPublicKeys,
    GetPublicKey,
    GetSettings,
    GetStorage,
    KeepStorage,
    RemovePublicKey,
    RenamePublicKey,
)
from callvault.vault.own_settings import OwnSettings
from callvault.vault.pushing import Pushing, Relay
from callvault.vault.reading import Reading
from callvault.vault.renditions import Renditions
from callvault.vault.secrets import Secrets
from callvault.vault.settling import Settling
from callvault.vault.stores import Stores
from callvault.vault.storing import Storing
from callvault.vault.transcribing import Transcribing
from callvault.vault.transcription_commands import (
    DeleteTranscription,
    FindTranscriptions,
    GetTranscription,
    KeepTranscription,
    RequestTranscription,
)
from callvault.vault.url_seal import UrlSeal

Deed = Callable[[Any, Actor | None, datetime], Awaitable[Any]]
"""What comes of a command, whose it is, and when it was given."""


class Vault:
    """What callvault can do, behind one door."""

    def __init__(
        self,
        catalogue: Catalogue,
        stores: Mapping[str, MediaStore],
        folder: Path,
        master_secrets: Secrets,
        *,
        most_upload_bytes: int = 16 << 30,
        most_cache_bytes: int = 10 << 30,
        transcriber: str = "",
        hook_forms: Mapping[str, HookForm] = MappingProxyType({}),
        hook_networks: Sequence[Network] = (),
        storage_networks: Sequence[Network] = (),
        relay: Relay | None = None,
        ear: Ear | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.catalogue = catalogue
        self.secrets = master_secrets
        self.stores = dict(stores)
        self.desk = Desk(catalogue, master_secrets)
        places = Stores(self.stores, catalogue, master_secrets, allowed=storage_networks)
        self.renditions = Renditions(places, folder / "renditions", most_bytes=most_cache_bytes)
        incoming = folder / "incoming"
        self.keyring = Keyring(catalogue, entropy=secrets.token_bytes)
        self.intake = Intake(catalogue, places, self.keyring, incoming, most_bytes=most_upload_bytes)
        self.url_seal = UrlSeal(master_secrets, entropy=secrets.token_bytes)
        self.pushing = Pushing(catalogue, self.renditions, self.url_seal, relay)
        self.finishing = Finishing(catalogue, places, self.intake, self.pushing)
        self.reading = Reading(catalogue, self.renditions, self.pushing)
        self.notifying = Notifying(catalogue, master_secrets, hook_forms, allowed=hook_networks)
        self.transcribing = Transcribing(
            catalogue,
            self.reading,
            self.renditions,
            self.notifying,
            program=transcriber,
            clock=clock,
            entropy=secrets.token_bytes,
        )
        self.settling = Settling(catalogue, places, self.renditions, incoming, clock=clock)
        self.changing = Changing(catalogue, self.reading)
        self.erasing = Erasing(catalogue, places, incoming, self.reading, self.renditions)
        self.live = Live(
            catalogue,
            self.reading,
            self.notifying,
            seal=self.url_seal,
            clock=clock,
            entropy=secrets.token_bytes,
        )
        self.clear_rows = ClearRows(catalogue, self.url_seal)
        self.own_settings = OwnSettings(catalogue, self.url_seal)
        self.listening = Listening(self.live.get, ear)
        self.storing = Storing(catalogue, places, entropy=secrets.token_bytes)
        self._deeds = self._table_of_deeds()

    async def open(self) -> None:
        """Connect, bring the schema up to date, and settle what a crash left."""
        await self.catalogue.open()
        self.renditions.tidy()
        await self.settling.settle()
        await self.transcribing.resume()

    async def close(self) -> None:
        """Let go of everything."""
        await self.transcribing.close()
        self.listening.close()
        self.renditions.close()
        await self.catalogue.close()

    async def admit(self, claim: Claim, now: datetime) -> Actor:
        """Who it is.  Raises NotAuthenticated."""
        return await self.desk.admit(claim, now)

    async def perform(self, command: Command, actor: Actor | None, now: datetime) -> Any:  # noqa: ANN401 - by command
        """Carry out a command for a caller.

        Raises:
            NotAuthenticated: it needs a caller, and there is none.
            NotAllowed: the caller's scopes do not have it.
            NotFound: the command speaks of another account.
        """
        _check(command, actor)
        return await self._deeds[type(command)](command, actor, now)

    def _table_of_deeds(self) -> Mapping[type, Deed]:
        """Who carries out which command."""
        return {
            FindRecordings: lambda command, _, __: self.reading.find(command),
            GetCapture: lambda command, _, __: self.reading.capture(command),
            GetRecording: lambda command, _, __: self.reading.get(command),
            OpenMedia: lambda command, _, __: self.reading.open(command),
            DeleteRecording: lambda command, _, now: self.erasing.delete(command, now),
            DeleteRecordings: lambda command, _, now: self.erasing.delete_all(command, now),
            DeleteMedia: lambda command, _, now: self.erasing.delete_media(command, now),
            ChangeRecording: lambda command, _, now: self.changing.change(command, now),
            FindTranscriptions: lambda command, _, __: self.transcribing.find(command),
            GetTranscription: lambda command, _, __: self.transcribing.get(command),
            RequestTranscription: lambda command, _, now: self.transcribing.request(command, now),
            KeepTranscription: lambda command, _, now: self.transcribing.keep(command, now),
            DeleteTranscription: lambda command, _, now: self.transcribing.delete(command, now),
            KeepStorage: lambda command, _, now: self.storing.keep(command, now),
            GetStorage: lambda command, _, __: self.storing.get(command),
            DropStorage: lambda command, _, now: self.storing.drop(command, now),
            AddPublicKey: lambda command, _, now: self.keyring.add(command, now),
            FindPublicKeys: lambda command, _, __: self.keyring.find(command),
            GetPublicKey: lambda command, _, __: self.keyring.get(command),
            RenamePublicKey: lambda command, _, now: self.keyring.rename(command, now),
            RemovePublicKey: lambda command, _, __: self.keyring.remove(command),
            GetSettings: lambda command, _, __: self.own_settings.get(command),
            ChangeSettings: lambda command, _, __: self.own_settings.change(command),
            TakeIn: lambda command, _, now: self.intake.take_in(command, now),
            LogIn: lambda command, _, now: self.desk.log_in(command, now),
            AddHook: lambda command, _, now: self.notifying.add(command, now),
            RemoveHook: lambda command, _, now: self.notifying.remove(command, now),
            FindHooks: lambda command, _, __: self.notifying.find(command),
            GetHook: lambda command, _, __: self.notifying.get(command),
            FindDeliveries: lambda command, _, __: self.notifying.deliveries(command),
            GetDelivery: lambda command, _, __: self.notifying.delivery(command),
            ReplayDelivery: lambda command, _, now: self.notifying.replay(command, now),
            FindLiveCalls: lambda command, _, __: self.live.find(command),
            GetLiveCall: lambda command, _, __: self.live.get(command),
            StartRecording: lambda command, _, now: self.live.start(command, now),
            SteerRecording: lambda command, _, now: self.live.steer(command, now),
            ToggleRecording: lambda command, _, now: self.live.toggle(command, now),
            MaskCall: lambda command, _, now: self.live.mask(command, now),
            GetPolicy: lambda command, _, __: self.live.policy(command),
            KeepPolicy: lambda command, _, __: self.live.keep_policy(command),
            ListenIn: lambda command, _, __: self.listening.listen(command),
            Nothing: _nothing,
        }


def _check(command: Command, actor: Actor | None) -> None:
    if isinstance(command, (LogIn, Nothing)) or (isinstance(command, OpenMedia) and command.access is not Access.ACTOR):
        return
    if actor is None:
        raise NotAuthenticated
    for scope in (SCOPES[type(command)], *(ALL_THAT_IS_TOLD if type(command) in TELLING else ())):
        if not actor.may(scope):
            raise NotAllowed(f"This key may not {scope}; it may {', '.join(sorted(actor.scopes)) or 'nothing'}.")
    if command.account_id != actor.account.id:
        raise NotFound("account", str(command.account_id))


async def _nothing(_: Nothing, __: Actor | None, ___: datetime) -> None:
    """What is asked of nobody is answered by nobody."""
