"""A house to test in: a real catalogue (SQLite in memory), a real folder of media, and the dialects in front of them.

``World`` speaks to the dialects as the server does, through the router and ``answer``; only the network is left out.
"""

from __future__ import annotations

import io
import json
import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote
from uuid import UUID

from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.catalogue.store import Catalogue
from callvault.dialects import registry
from callvault.dialects.contract import CallNames, Terms, answer
from callvault.errors import NotOffered
from callvault.media.keys import original_key
from callvault.media.store import MediaStore
from callvault.model.actor import ORDINARY_SCOPES, Account, Key, Scope, User
from callvault.model.card import Card, read_card
from callvault.model.media import MediaFormat
from callvault.model.recording import MediaState, Recording, Status, StoredMedia
from callvault.server.routing import Router
from callvault.vault.secrets import Secrets, hash_secret
from callvault.vault.vault import Vault
from callvault.wire import MediaSlice, WireReply, WireRequest
from tests.captures import CAPTURED

TOKEN = "00112233445566778899aabbccddeeff" * 2
"""The key that golden requests show: 16 characters of id, 48 of secret."""
NOW = datetime(2026, 3, 5, 7, 8, 9, 123000, tzinfo=UTC)
BASE_URL = "https://vault.example.net"
RATE = 8000


@dataclass
class World:
    """A vault with what a test put into it."""

    vault: Vault
    router: Router
    folder: Path
    now: datetime = NOW
    base_url: str = BASE_URL
    call_names: CallNames = registry.call_names

    async def account(
        self, account: Account, *, token: str = TOKEN, scopes: frozenset[Scope] = ORDINARY_SCOPES
    ) -> Account:
        """An account with a key whose token is known."""
        made = await self.vault.catalogue.add_account(account)
        key = Key(
            id=token[:16],
            account_id=made.id,
            label="test",
            scopes=scopes,
            secret_hash=hash_secret(token[16:]),
            created_at=self.now,
        )
        await self.vault.catalogue.add_key(key)
        return made

    async def record(self, account_id: UUID, card: Card) -> Recording:
        """A recording as the card says, with audio where it should have some."""
        recording = complete(card, account_id, self.now)
        if recording.status is Status.AVAILABLE and recording.media_state in {MediaState.WHOLE, MediaState.PARTIAL}:
            recording = await self._with_audio(recording)
        return (await self.vault.catalogue.add(recording, captured=CAPTURED)).recording

    async def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        settings: Mapping[str, Any] | None = None,
    ) -> WireReply:
        """Send a request and get the reply, as the server would."""
        path, _, query = target.partition("?")
        match = self.router.match(method, path)
        streams = match.route is not None and match.route.streams
        request = WireRequest(
            method=method,
            path=unquote(path),
            parts=match.parts,
            query=tuple(parse_qsl(query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in (headers or {}).items()},
            body=b"" if streams else body,
            stream=_pieces(body) if streams else None,
            client="127.0.0.1",
        )
        terms = Terms(
            now=self.now,
            base_url=self.base_url,
            link_key=self.vault.secrets.link_key,
            cloak_key=self.vault.secrets.cloak_key,
            notice_key=self.vault.secrets.notice_key,
            request_id="0" * 32,
            settings=settings or {},
            version="0.0.0",
            call_names=self.call_names,
            conference_names=registry.conference_names,
        )
        assert match.dialect is not None, f"nobody answers to {path}"
        if match.route is None:
            return match.dialect.refuse(NotOffered(method, path, allowed=match.allowed), request, terms)
        return await answer(match.dialect, match.route, request, self.vault, terms)

    async def _with_audio(self, recording: Recording) -> Recording:
        content = tone_of_silence(recording.channels, recording.duration_ms)
        form = MediaFormat.WAV
        part = self.folder / "golden.part"
        part.write_bytes(content)
        sha256 = f"{recording.id.int:064x}"
        key = original_key(recording.account_id, recording.id, sha256, form)
        await self.vault.stores["main"].put_file(key, part)
        media = StoredMedia(
            store="main",
            key=key,
            size_bytes=len(content),
            sha256=sha256,
            format=form,
            codec="pcm_s16le",
            sample_rate=RATE,
            samples=recording.duration_ms * RATE // 1000,
        )
        return _replaced(recording, media=media)


@asynccontextmanager
async def open_world(folder: Path, catalogue: Catalogue | None = None, **options: Any) -> AsyncIterator[World]:
    """A world, empty; ``folder`` is its data folder, ``options`` are the vault's."""
    vault = Vault(
        catalogue or SqliteCatalogue(None),
        {"main": MediaStore.in_folder("main", folder / "media")},
        folder,
        Secrets(bytes(32)),
        **{"hook_forms": {dialect.name: dialect.hooks.form for dialect in registry.load()}, **options},
    )
    await vault.open()
    try:
        yield World(vault=vault, router=Router(registry.load()), folder=folder)
    finally:
        await vault.close()


async def load_case(world: World, core: Mapping[str, Any]) -> None:
    """Put a golden case's ``core.json`` into a world."""
    world.now = datetime.fromisoformat(core["now"])
    world.base_url = core["base_url"]
    entry = core["account"]
    account = await world.account(
        Account(
            id=UUID(entry["id"]),
            serial=entry["serial"],
            name=entry["name"],
            created_at=world.now,
            settings=entry.get("settings", {}),
        )
    )
    for user in core.get("users", []):
        digests = world.vault.desk.user_digests(user["name"], user.get("password", "secret"))
        await world.vault.catalogue.add_user(
            User(
                id=UUID(user["id"]),
                account_id=account.id,
                name=user["name"],
                created_at=world.now,
                credential_digests=digests,
            )
        )
    for document in core["recordings"]:
        await world.record(account.id, read_card(document))


def complete(card: Card, account_id: UUID, now: datetime) -> Recording:
    """The recording that a whole card describes; what it leaves out is as ordinary as can be."""
    said = {entry.name: getattr(card, entry.name) for entry in fields(Card)}
    given = {name: value for name, value in said.items() if value is not None}
    started_at = given.setdefault("started_at", now)
    given.setdefault("call_session_id", given.get("call_id"))
    for name, value in {
        "status": Status.AVAILABLE,
        "media_state": MediaState.WHOLE,
        "channels": 1,
        "format": MediaFormat.WAV,
        "duration_ms": 1000,
        "created_at": given.get("ended_at", started_at),
        "updated_at": given.get("ended_at", started_at),
        "taken_in_at": given.get("ended_at", started_at),
    }.items():
        given.setdefault(name, value)
    return Recording(account_id=account_id, **given)


def tone_of_silence(channels: int, duration_ms: int) -> bytes:
    """A WAV file with nothing to hear."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(2 * channels * (duration_ms * RATE // 1000)))
    return buffer.getvalue()


async def body_of(reply: WireReply) -> bytes:
    """The whole body of a reply."""
    if isinstance(reply.body, bytes):
        return reply.body
    return await drained(reply.body)


async def drained(media: MediaSlice) -> bytes:
    """All bytes of a slice."""
    return b"".join([piece async for piece in media.source.chunks(media.start, media.stop)])


async def json_of(reply: WireReply) -> Any:
    """The body of a reply, parsed."""
    return json.loads(await body_of(reply))


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _replaced(recording: Recording, **changes: Any) -> Recording:
    values = {entry.name: getattr(recording, entry.name) for entry in fields(Recording)}
    return Recording(**{**values, **changes})
