"""Audio in an account's own store, on a real S3 server: kept there, heard from there, erased there, never lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import obstore
import pytest

from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.errors import BadRequest, MediaError, NotAllowed, NotFound
from callvault.model.actor import Account
from callvault.model.card import Card
from callvault.model.destination import read_networks
from callvault.model.events import EventKind
from callvault.model.hook import DeliveryQuery, Hook
from callvault.model.media import MediaFormat
from callvault.model.recording import MediaState, Recording
from callvault.model.storage import Backend, Trouble
from callvault.vault import stores
from callvault.vault.commands import DeleteMedia, DeleteRecording, OpenMedia, Ref, TakeIn
from callvault.vault.own_commands import DropStorage, GetStorage, KeepStorage
from tests.services.s3 import S3Server
from tests.world import NOW, World, open_world, tone_of_silence

HERE = read_networks("127.0.0.0/8", "storage_networks")
ACME = Account(id=UUID(int=1), serial=0, name="acme", created_at=NOW)
TRUNK = "2100000000000000001"
AUDIO = tone_of_silence(2, 1415)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    catalogue = SqliteCatalogue(tmp_path / "catalogue.sqlite")
    async with open_world(tmp_path, catalogue, storage_networks=HERE) as world:
        await world.account(ACME)
        yield world


def keys_to(server: S3Server, bucket: str, **changes: str) -> dict[str, str]:
    return {
        "bucket": bucket,
        "endpoint": server.endpoint,
        "aws_access_key_id": server.access_key,
        "aws_secret_access_key": server.secret_key,
        **changes,
    }


async def choose(world: World, configuration: Mapping[str, Any], **fields: Any) -> None:
    known = {"account_id": ACME.id, "connection_id": TRUNK, "backend": Backend.S3_GENERIC, **fields}
    await world.vault.storing.keep(KeepStorage(configuration=configuration, **known), NOW)


async def take(world: World, connection: str | None = TRUNK, content: bytes = AUDIO) -> Recording:
    card = Card(connection_id=connection, started_at=NOW)
    command = TakeIn(account_id=ACME.id, card=card, content=pieces(content))
    return (await world.vault.intake.take_in(command, NOW)).recording


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


def ref(recording: Recording) -> Ref:
    return Ref(dialect="callvault", kind="recording", text=str(recording.id), computed=recording.id)


async def heard(world: World, recording: Recording, **how: Any) -> bytes:
    command = OpenMedia(account_id=ACME.id, recording=ref(recording), **how)
    media = await world.vault.reading.open(command)
    return b"".join([piece async for piece in media.source.chunks(0, media.size_bytes)])


def objects(server: S3Server, bucket: str) -> dict[str, int]:
    """What lies in a bucket: keys and sizes."""
    return {entry["path"]: entry["size"] for batch in obstore.list(server.store(bucket)) for entry in batch}


def files(world: World) -> list[Path]:
    """What the server itself keeps of anybody's audio, and what is under way."""
    return [path for name in ("media", "incoming") for path in (world.folder / name).rglob("*") if path.is_file()]


async def test_a_recording_of_the_connection_is_kept_there_and_heard_from_there(
    world: World, s3_server: S3Server
) -> None:
    bucket = s3_server.fresh_bucket()
    await choose(world, keys_to(s3_server, bucket))
    recording = await take(world)
    assert recording.media is not None
    assert objects(s3_server, bucket) == {recording.media.key: len(AUDIO)}
    assert recording.media.url == f"s3://{bucket}/{recording.media.key}"
    assert (recording.media.trouble, recording.notes) == (None, ())
    assert files(world) == []
    assert await heard(world, recording, original=True) == AUDIO
    assert (await heard(world, recording, form=MediaFormat.MP3, channels=1))[:1] == b"\xff"


async def test_other_connections_stay_with_the_server(world: World, s3_server: S3Server) -> None:
    bucket = s3_server.fresh_bucket()
    await choose(world, keys_to(s3_server, bucket))
    for connection in ("other", None):
        recording = await take(world, connection)
        assert recording.media is not None
        assert (recording.media.store, recording.media.url) == ("main", None)
    assert objects(s3_server, bucket) == {}


async def test_what_is_kept_before_stays_where_it_is(world: World, s3_server: S3Server) -> None:
    before = await take(world)
    await choose(world, keys_to(s3_server, s3_server.fresh_bucket()))
    assert await heard(world, before, original=True) == AUDIO
    assert len(files(world)) == 1


async def test_a_restart_forgets_nothing(world: World, s3_server: S3Server) -> None:
    bucket = s3_server.fresh_bucket()
    await choose(world, keys_to(s3_server, bucket))
    first = await take(world)
    await world.vault.close()
    catalogue = SqliteCatalogue(world.folder / "catalogue.sqlite")
    async with open_world(world.folder, catalogue, storage_networks=HERE) as restarted:
        assert await heard(restarted, first, original=True) == AUDIO
        second = await take(restarted, content=tone_of_silence(1, 500))
        assert second.media is not None
        assert set(objects(s3_server, bucket)) == {first.media.key if first.media else "", second.media.key}
    await world.vault.open()


@pytest.mark.parametrize("command", [DeleteRecording, DeleteMedia])
async def test_a_deletion_erases_it_there(
    world: World, s3_server: S3Server, command: type[DeleteRecording | DeleteMedia]
) -> None:
    bucket = s3_server.fresh_bucket()
    await choose(world, keys_to(s3_server, bucket))
    recording = await take(world)
    asked = command(account_id=ACME.id, recording=ref(recording))
    if isinstance(asked, DeleteRecording):
        await world.vault.erasing.delete(asked, NOW)
    else:
        assert (await world.vault.erasing.delete_media(asked, NOW)).media_state is MediaState.DELETED
    assert objects(s3_server, bucket) == {}
    assert files(world) == []


@pytest.mark.parametrize(
    ("changes", "trouble", "told"),
    [
        ({"aws_secret_access_key": "not-the-secret"}, Trouble.REFUSED, "keys"),
        ({"aws_access_key_id": "callvault:nobody"}, Trouble.REFUSED, "keys"),
        ({"bucket": "no-such-bucket"}, Trouble.UNREACHABLE, "did not answer"),
        ({"endpoint": "http://127.0.0.1:9"}, Trouble.UNREACHABLE, "did not answer"),
    ],
)
async def test_what_the_store_does_not_take_is_kept_here_with_a_note(
    world: World, s3_server: S3Server, changes: dict[str, str], trouble: Trouble, told: str
) -> None:
    bucket = s3_server.fresh_bucket()
    await choose(world, {**keys_to(s3_server, bucket), **changes})
    recording = await take(world)
    assert recording.media is not None
    assert (recording.media.store, recording.media.url, recording.media.trouble) == ("main", None, trouble)
    (note,) = recording.notes
    assert TRUNK in note
    assert told in note
    assert recording.hearable
    assert await heard(world, recording, original=True) == AUDIO
    assert [path.parent.parent.parent for path in files(world)] == [world.folder / "media"]
    assert objects(s3_server, bucket) == {}


async def test_who_wants_to_know_is_told_of_it(world: World, s3_server: S3Server) -> None:
    hook = Hook(
        id=UUID(int=7),
        account_id=ACME.id,
        dialect="telnyx",
        url="https://hooks.example.org/calls",
        events=frozenset({EventKind.MISPLACED, EventKind.AVAILABLE}),
        created_at=NOW,
    )
    await world.vault.catalogue.add_hook(hook)
    await choose(world, keys_to(s3_server, s3_server.fresh_bucket(), aws_secret_access_key="wrong"))
    await take(world)
    told = await world.vault.catalogue.find_deliveries(DeliveryQuery(account_id=ACME.id))
    assert {delivery.event.kind for delivery in told.items} == hook.events


async def test_new_keys_open_what_lies_there_already(world: World, s3_server: S3Server) -> None:
    bucket = s3_server.fresh_bucket()
    await choose(world, keys_to(s3_server, bucket))
    recording = await take(world)
    await choose(world, keys_to(s3_server, bucket, aws_secret_access_key="lost"))
    stores_known = world.vault.storing._stores._known
    stores_known.clear()
    with pytest.raises(MediaError):
        await heard(world, recording, original=True)
    await choose(world, keys_to(s3_server, bucket), replace=True)
    stores_known.clear()
    assert await heard(world, recording, original=True) == AUDIO


async def test_another_node_sees_new_keys_within_seconds(
    world: World, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = s3_server.fresh_bucket()
    await choose(world, keys_to(s3_server, bucket, aws_secret_access_key="wrong"))
    catalogue = SqliteCatalogue(world.folder / "catalogue.sqlite")
    async with open_world(world.folder, catalogue, storage_networks=HERE) as other:
        assert (await take(other)).media.trouble is Trouble.REFUSED  # type: ignore[union-attr]
        await choose(world, keys_to(s3_server, bucket))
        recording = await take(world, content=tone_of_silence(1, 800))
        monkeypatch.setattr(stores, "BELIEF_S", 0.0)
        assert await heard(other, recording, original=True) == tone_of_silence(1, 800)


async def test_another_store_is_for_what_comes_and_the_first_is_still_read(world: World, s3_server: S3Server) -> None:
    first_bucket, second_bucket = s3_server.fresh_bucket(), s3_server.fresh_bucket()
    await choose(world, keys_to(s3_server, first_bucket))
    first = await take(world)
    await choose(world, keys_to(s3_server, second_bucket))
    second = await take(world, content=tone_of_silence(1, 500))
    assert (len(objects(s3_server, first_bucket)), len(objects(s3_server, second_bucket))) == (1, 1)
    assert await heard(world, first, original=True) == AUDIO
    assert await heard(world, second, original=True) == tone_of_silence(1, 500)


async def test_a_store_that_is_given_up_is_still_read_and_gets_nothing_new(world: World, s3_server: S3Server) -> None:
    bucket = s3_server.fresh_bucket()
    await choose(world, keys_to(s3_server, bucket))
    first = await take(world)
    gave_up = DropStorage(account_id=ACME.id, connection_id=TRUNK)
    await world.vault.storing.drop(gave_up, NOW)
    for ask in (world.vault.storing.drop(gave_up, NOW), world.vault.storing.get(GetStorage(**_whose()))):
        with pytest.raises(NotFound):
            await ask
    second = await take(world, content=tone_of_silence(1, 500))
    assert second.media is not None
    assert second.media.store == "main"
    assert await heard(world, first, original=True) == AUDIO
    settling = world.vault.settling
    settling._clock = lambda: NOW + timedelta(days=2)
    await settling.settle()
    assert await heard(world, first, original=True) == AUDIO
    await world.vault.erasing.delete(DeleteRecording(account_id=ACME.id, recording=ref(first)), NOW)
    await settling.settle()
    world.vault.storing._stores._known.clear()
    with pytest.raises(MediaError, match="any more"):
        await world.vault.storing._stores.named(first.media.store if first.media else "")


async def test_what_is_chosen_is_shown_and_lies_sealed(world: World, s3_server: S3Server) -> None:
    bucket = s3_server.fresh_bucket()
    configuration = keys_to(s3_server, bucket)
    await choose(world, {**configuration, "region": "", "unknown": "x"})
    shown = await world.vault.storing.get(GetStorage(**_whose()))
    assert (shown.backend, dict(shown.configuration)) == (Backend.S3_GENERIC, configuration)
    await world.vault.close()
    for path in world.folder.rglob("*"):
        if path.is_file():
            assert s3_server.secret_key.encode() not in path.read_bytes(), path
    await world.vault.open()


async def test_nothing_is_replaced_where_nothing_is(world: World, s3_server: S3Server) -> None:
    with pytest.raises(NotFound):
        await choose(world, keys_to(s3_server, "bucket"), replace=True)
    with pytest.raises(NotFound):
        await world.vault.storing.get(GetStorage(**_whose()))


async def test_an_unfinished_deletion_there_keeps_nobody_waiting(world: World, s3_server: S3Server) -> None:
    bucket = s3_server.fresh_bucket()
    await choose(world, keys_to(s3_server, bucket))
    recording = await take(world)
    await choose(world, keys_to(s3_server, bucket, aws_secret_access_key="wrong"))
    world.vault.storing._stores._known.clear()
    with pytest.raises(MediaError):
        await world.vault.erasing.delete(DeleteRecording(account_id=ACME.id, recording=ref(recording)), NOW)
    assert len(objects(s3_server, bucket)) == 1
    assert await world.vault.settling.settle() == 0
    await choose(world, keys_to(s3_server, bucket))
    world.vault.storing._stores._known.clear()
    assert await world.vault.settling.settle() == 1
    assert objects(s3_server, bucket) == {}
    assert files(world) == []


@pytest.mark.parametrize(
    ("allowed", "endpoint"),
    [
        ("", "http://127.0.0.1:9000"),
        ("", "https://127.0.0.1:9000"),
        ("", "https://[::1]"),
        ("", "https://localhost"),
        ("", "https://[::ffff:10.0.0.1]"),
        ("", "https://169.254.169.254"),
        ("", "http://8.8.8.8"),
        ("", "https://no-such-name.invalid"),
        ("10.0.0.0/8", "https://192.168.0.1"),
        ("10.0.0.0/8, fd00::/8", "https://[::1]"),
    ],
)
async def test_an_account_cannot_send_the_server_into_its_own_net(tmp_path: Path, allowed: str, endpoint: str) -> None:
    networks = read_networks(allowed, "storage_networks")
    async with open_world(tmp_path, storage_networks=networks) as world:
        await world.account(ACME)
        configuration = {
            "bucket": "bucket", "endpoint": endpoint, "aws_access_key_id": "a", "aws_secret_access_key": "b"
        }  # fmt: skip
        with pytest.raises(NotAllowed):
            await choose(world, configuration)


async def test_a_network_that_is_allowed_no_more_is_not_for_what_was_chosen_before(
    tmp_path: Path, s3_server: S3Server
) -> None:
    catalogue = SqliteCatalogue(tmp_path / "catalogue.sqlite")
    async with open_world(tmp_path, catalogue, storage_networks=HERE) as world:
        await world.account(ACME)
        await choose(world, keys_to(s3_server, s3_server.fresh_bucket()))
    async with open_world(tmp_path, SqliteCatalogue(tmp_path / "catalogue.sqlite")) as world:
        recording = await take(world)
        assert recording.media is not None
        assert recording.media.trouble is Trouble.UNREACHABLE


SERVICE_ACCOUNT = '{"type": "service_account", "private_key": "x", "client_email": "a@b.example"}'


@pytest.mark.parametrize(
    ("backend", "configuration", "field"),
    [
        (Backend.S3, {}, "bucket"),
        (Backend.S3, {"bucket": "b-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}, "region"),
        (
            Backend.S3,
            {"bucket": "b-1", "region": "evil.example/", "aws_access_key_id": "a", "aws_secret_access_key": "b"},
            "region",
        ),
        (Backend.S3, {"bucket": "../other", "region": "eu-west-1"}, "bucket"),
        (Backend.S3, {"bucket": 7, "region": "eu-west-1"}, "bucket"),
        (
            Backend.S3_GENERIC,
            {"bucket": "b-1", "endpoint": "ftp://x", "aws_access_key_id": "a", "aws_secret_access_key": "b"},
            "endpoint",
        ),
        (
            Backend.S3_GENERIC,
            {"bucket": "b-1", "endpoint": "https://a@b", "aws_access_key_id": "a", "aws_secret_access_key": "b"},
            "endpoint",
        ),
        (Backend.GCS, {"bucket": "b-1"}, "credentials"),
        (Backend.GCS, {"bucket": "b-1", "credentials": "no json"}, ""),
        (Backend.GCS, {"bucket": "b-1", "credentials": "{}"}, ""),
        (Backend.GCS, {"bucket": "b-1", "credentials": SERVICE_ACCOUNT}, ""),
        (Backend.AZURE, {"bucket": "b-1", "account_name": "acme", "account_key": "no-base64!!"}, ""),
        (Backend.AZURE, {"bucket": "b-1", "account_name": "acme.evil", "account_key": "QUJD"}, "account_name"),
    ],
)
async def test_what_cannot_be_a_store_is_refused(
    world: World, backend: Backend, configuration: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        await choose(world, configuration, backend=backend)
    assert refused.value.field == f"/configuration/{field}".rstrip("/")
    assert "aws_secret" not in str(refused.value)


async def test_azures_keys_are_taken(world: World) -> None:
    keys = {"bucket": "calls", "account_name": "acme01", "account_key": "QUJD"}
    await choose(world, keys, backend=Backend.AZURE)
    shown = await world.vault.storing.get(GetStorage(**_whose()))
    assert (shown.backend, dict(shown.configuration)) == (Backend.AZURE, keys)


async def test_another_accounts_store_is_its_own(world: World, s3_server: S3Server) -> None:
    await choose(world, keys_to(s3_server, s3_server.fresh_bucket()))
    other = await world.account(replace(ACME, id=UUID(int=2), name="other"), token="ab" * 32)
    with pytest.raises(NotFound):
        await world.vault.storing.get(GetStorage(account_id=other.id, connection_id=TRUNK))


def _whose() -> dict[str, Any]:
    return {"account_id": ACME.id, "connection_id": TRUNK}
