"""Alice owns the account, Bob is another user of it, Charlie has an account of his own: a world for the suite."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from callvault.catalogue.store import Catalogue
from callvault.model.actor import ORDINARY_SCOPES, Account, Key, Scope, User
from callvault.model.card import Card
from callvault.model.ids import new_id
from callvault.model.media import MediaFormat
from callvault.model.party import Party
from callvault.model.recording import MediaState, Recording, Status
from callvault.model.transcription import Transcript, Transcription, TranscriptionStatus
from callvault.vault.secrets import hash_secret
from callvault.wire import MediaSlice
from tests.contract.tongues import Ask, Caller, Item, Tongue
from tests.world import NOW, World, body_of, open_world

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
ALICES_TOKEN, BOBS_TOKEN, CHARLIES_TOKEN = "a1" * 32, "b0" * 32, "c4" * 32
SECRETS_OF_ALICE = (
    "+12025550187",
    "+442079460987",
    "Ruth of the tea house",
    "What nobody else shall hear of.",
    "trunk of the tea house",
)
"""What no reply to anybody else may hold: her parties' numbers and names, what was said, her trunk."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A reply, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_audio: bool

    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)

    def parsed(self) -> tuple[str, Any]:
        """The content type, and the body as far as it is JSON."""
        kind = self.headers.get("content-type", "")
        return kind, self.json() if "json" in kind else self.body


@dataclass(kw_only=True)
class Neighbours:
    """The world, with three people in it."""

    world: World
    alice: Caller
    bob: Caller
    """A user of Alice's account: he has a key of his own, and a password."""
    charlie: Caller
    _entropy: Iterator[int]

    async def ask(self, ask: Ask, credentials: Mapping[str, str] | None = None) -> Answer:
        """Send it with these credentials."""
        headers = {**(credentials or {}), **ask.headers}
        reply = await self.world.ask(ask.method, ask.target, headers, ask.body)
        return Answer(
            status=reply.status,
            headers=dict(reply.headers),
            body=await body_of(reply),
            is_audio=isinstance(reply.body, MediaSlice),
        )

    async def get(self, tongue: Tongue, target: str, who: Caller | None = None, method: str = "GET") -> Answer:
        """Alice asks, unless somebody else does."""
        return await self.ask(Ask(target=target, method=method), tongue.credentials(who or self.alice))

    async def listed(self, tongue: Tongue, query: str = "", who: Caller | None = None) -> list[Item]:
        """What a list shows: all on one page."""
        who = who or self.alice
        size = None if tongue.unpaged else 90
        answer = await self.get(tongue, tongue.recordings(who, query=query, size=size), who)
        assert answer.status == 200, answer.body
        return tongue.items(answer.json())

    async def shown(self, tongue: Tongue, recording: Recording) -> Item:
        """How the list shows this recording."""
        (item,) = [item for item in await self.listed(tongue) if tongue.call_of(item) == recording.call_id]
        return item

    def card(self, **fields: Any) -> Card:
        """A call of Alice's of which nothing is known but what the fields say."""
        start = fields.setdefault("started_at", MIDNIGHT)
        fields.setdefault("ended_at", start + timedelta(seconds=1))
        ids = [new_id(max(start, datetime(1970, 1, 1, tzinfo=UTC)), self._random()) for _ in range(2)]
        known: dict[str, Any] = {"id": ids[0], "call_id": ids[1], "caller": Party(number=SECRETS_OF_ALICE[0])}
        return Card(**known | fields)

    async def record(self, owner: Caller | None = None, **fields: Any) -> Recording:
        """A call with a second of audio, of which much is known."""
        start = fields.setdefault("started_at", MIDNIGHT)
        known = {
            "user_id": self.bob.user_id if owner is None else None,
            "caller": Party(number=SECRETS_OF_ALICE[0], name=SECRETS_OF_ALICE[2]),
            "callee": Party(number=SECRETS_OF_ALICE[1]),
            "connection_id": SECRETS_OF_ALICE[4],
            "format": MediaFormat.WAV,
            "channels": 2,
            "transcription": Transcription(
                id=new_id(start, self._random()),
                status=TranscriptionStatus.AVAILABLE,
                created_at=start,
                updated_at=start,
                completed_at=start,
                transcripts=(Transcript(text=SECRETS_OF_ALICE[3], confidence=1.0),) * 2,
            ),
        }
        return await self.world.record((owner or self.alice).account_id, self.card(**known | fields))

    async def silent(self, **fields: Any) -> Recording:
        """A finished call with nothing to hear, which is quick to make."""
        known = {"status": Status.AVAILABLE, "media_state": MediaState.ABSENT}
        return await self.world.record(self.alice.account_id, self.card(**known | fields))

    async def key(self, scopes: frozenset[Scope], token: str = "d1" * 32) -> Caller:
        """A key to Alice's account that may do no more than this."""
        await add_key(self.world, self.alice.account_id, token, scopes)
        return replace(self.alice, token=token)

    async def bobs(self, tongue: Tongue) -> Caller:
        """Bob as this wire knows him: logged in where users can, else by his own key."""
        if tongue.without_users:
            return self.bob
        digest = hashlib.md5(b"bob:tea time", usedforsecurity=False).hexdigest()
        body = json.dumps({"data": {"credentials": digest, "method": "md5", "account_name": "alice"}}).encode()
        answer = await self.ask(Ask(target="/v2/user_auth", method="PUT", body=body))
        assert answer.status == 201, answer.body
        return replace(self.bob, token=answer.json()["auth_token"])

    def random_id(self) -> UUID:
        """A core id that nothing has."""
        return new_id(MIDNIGHT, self._random())

    def _random(self) -> bytes:
        return hashlib.blake2b(next(self._entropy).to_bytes(8, "big"), digest_size=10).digest()


@asynccontextmanager
async def neighbourhood(folder: Path, catalogue: Catalogue | None = None) -> AsyncIterator[Neighbours]:
    """Three people, and no recordings yet."""
    async with open_world(folder, catalogue) as world:
        people = []
        for name, account_id, token in (
            ("alice", UUID("019cbb40-1111-7111-8111-00000000a11c"), ALICES_TOKEN),
            ("charlie", UUID("019cbb40-1111-7111-8111-0000000c4a71"), CHARLIES_TOKEN),
        ):
            account = await world.account(Account(id=account_id, serial=0, name=name, created_at=NOW), token=token)
            people.append(Caller(account_id=account.id, serial=account.serial, token=token))
        alice, charlie = people
        user_id = UUID("019cbb40-2222-7222-8222-000000000b0b")
        digests = world.vault.desk.user_digests("bob", "tea time")
        bob = User(id=user_id, account_id=alice.account_id, name="bob", created_at=NOW, credential_digests=digests)
        await world.vault.catalogue.add_user(bob)
        await add_key(world, alice.account_id, BOBS_TOKEN, ORDINARY_SCOPES)
        yield Neighbours(
            world=world,
            alice=replace(alice, user_id=user_id),
            bob=replace(alice, token=BOBS_TOKEN, user_id=user_id),
            charlie=charlie,
            _entropy=iter(range(1_000_000)),
        )


async def add_key(world: World, account_id: UUID, token: str, scopes: frozenset[Scope]) -> None:
    """A key whose token is known."""
    await world.vault.catalogue.add_key(
        Key(
            id=token[:16],
            account_id=account_id,
            label="test",
            scopes=scopes,
            secret_hash=hash_secret(token[16:]),
            created_at=NOW,
        )
    )
