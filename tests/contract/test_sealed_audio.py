"""Audio that only its account can hear: what the private key's holder gets back, and that nobody else finds any."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
import numpy as np
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from callvault.audio.mux import encode_opus
from callvault.audio.probe import probe
from callvault.audio.render import render
from callvault.audio.samples import Samples
from callvault.audio.wav_header import wav_header
from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.errors import BadRequest, Conflict, MediaError, NotFound
from callvault.model.actor import Account
from callvault.model.card import Card
from callvault.model.media import MediaFormat, RenditionSpec
from callvault.model.public_key import PublicKey
from callvault.model.recording import Recording
from callvault.model.sealed import SealedForm, SealedMedia
from callvault.vault import keyring
from callvault.vault.commands import DeleteRecording, OpenMedia, Ref, TakeIn
from callvault.vault.own_commands import AddPublicKey, RemovePublicKey
from callvault.vault.transcription_commands import RequestTranscription
from tests.unsealing import new_key, pem_of, unsealed
from tests.world import NOW, World, open_world

ACME = Account(id=UUID(int=1), serial=0, name="acme", created_at=NOW)
RATE = 8000
PRIVATE = new_key()
WHOLE = [(MediaFormat.WAV, 2), (MediaFormat.MP3, 2), (MediaFormat.WAV, 1), (MediaFormat.MP3, 1)]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, SqliteCatalogue(tmp_path / "catalogue.sqlite")) as world:
        await world.account(ACME)
        yield world


def noise(channels: int, samples: int = 3 * RATE) -> Samples:
    return np.random.default_rng(7).integers(-9000, 9000, (samples, channels), np.int16)


def wav(samples: Samples) -> bytes:
    header = wav_header(samples=len(samples), channels=samples.shape[1], sample_rate=RATE)
    return header + samples.astype("<i2").tobytes()


async def encrypt(world: World) -> PublicKey:
    """From now on."""
    key = await world.vault.keyring.add(AddPublicKey(account_id=ACME.id, pem=pem_of(PRIVATE), name="ours"), NOW)
    await world.vault.keyring.choose(ACME, key.id)
    return key


async def take(world: World, content: bytes) -> Recording:
    command = TakeIn(account_id=ACME.id, card=Card(started_at=NOW), content=pieces(content))
    return (await world.vault.intake.take_in(command, NOW)).recording


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 5000):
        yield content[start : start + 5000]


def sealed_of(recording: Recording) -> SealedMedia:
    assert recording.media is not None
    assert recording.media.sealed is not None
    return recording.media.sealed


async def received(world: World, recording: Recording, **how: Any) -> bytes:
    """What any client is given."""
    ref = Ref(dialect="callvault", kind="recording", text=str(recording.id), computed=recording.id)
    media = await world.vault.reading.open(OpenMedia(account_id=ACME.id, recording=ref, **how))
    content = b"".join([piece async for piece in media.source.chunks(0, media.size_bytes)])
    assert len(content) == media.size_bytes
    half = b"".join([piece async for piece in media.source.chunks(100, 200)])
    assert half == content[100:200], "a stretch of it is a stretch of what is encrypted"
    return content


async def heard(world: World, recording: Recording, made: SealedForm) -> bytes:
    """What the holder of the private key makes of it."""
    content = await received(world, recording, form=made.format, channels=made.channels)
    return unsealed(PRIVATE, content, cek=sealed_of(recording).wrapped_key, iv=made.iv)


def decoded(content: bytes) -> Samples:
    with av.open(io.BytesIO(content), "r") as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="s16", layout=stream.layout, rate=stream.rate)
        frames = [out.to_ndarray() for frame in container.decode(stream) for out in resampler.resample(frame)]
        return np.concatenate(frames, axis=1).reshape(-1, stream.channels).astype(np.int16)


def readable(folder: Path, *plain: bytes) -> list[str]:
    """Files below the folder in which a stretch of one of these is found, at any place."""
    cut = (text[start : start + 48] for text in plain for start in range(200, len(text) - 48, 997))
    stretches = [stretch for stretch in cut if len(set(stretch)) > 16]  # fillings are in any file
    assert len(stretches) > 10
    return [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and any(stretch in content for content in [path.read_bytes()] for stretch in stretches)
    ]


def all_forms(content: bytes, folder: Path) -> list[bytes]:
    """The original, and everything that could have been made of it."""
    file = folder.parent / f"{folder.name}.plain"
    file.write_bytes(content)
    facts = probe(file)
    made = [
        b"".join(render(file, facts, RenditionSpec(format=form, channels=channels)))
        for form in (MediaFormat.WAV, MediaFormat.MP3)
        for channels in (None, 1)
    ]
    file.unlink()
    return [content, *made]


async def test_the_holder_of_the_private_key_hears_it_in_every_form(world: World) -> None:
    key = await encrypt(world)
    samples = noise(2)
    recording = await take(world, wav(samples))
    sealed = sealed_of(recording)
    assert sealed.key_id == key.id
    assert [(made.format, made.channels) for made in sealed.forms] == WHOLE
    for made in sealed.forms:
        audio = await heard(world, recording, made)
        back = decoded(audio)
        assert back.shape[1] == made.channels
        assert abs(len(back) - len(samples)) <= 2 * 1152
        if made.format is MediaFormat.WAV:
            wanted = samples if made.channels == 2 else samples.mean(axis=1, keepdims=True)
            assert np.abs(back - wanted).max() <= 1
    assert await heard(world, recording, sealed.forms[0]) == wav(samples), "a WAV file comes back as it was sent"
    assert (recording.channels, recording.duration_ms, recording.format) == (2, 3000, MediaFormat.WAV)


async def test_nothing_that_can_be_heard_is_left_in_the_data_folder(world: World) -> None:
    plain = wav(noise(2))
    known = all_forms(plain, world.folder)
    open_one = await take(world, plain)
    assert readable(world.folder, *known) != [], "the search finds what is not encrypted"
    ref = Ref(dialect="callvault", kind="recording", text="it", computed=open_one.id)
    await world.vault.erasing.delete(DeleteRecording(account_id=ACME.id, recording=ref), NOW)
    assert readable(world.folder, *known) == []
    await encrypt(world)
    recording = await take(world, plain)
    for form, channels in WHOLE:
        await received(world, recording, form=form, channels=channels)
    assert readable(world.folder, *known) == []
    left = [path for path in world.folder.rglob("*") if path.is_file() and not path.name.startswith("catalogue")]
    assert [path.relative_to(world.folder / "media").as_posix() for path in left] == [_key(recording)]


async def test_every_key_and_every_vector_is_used_once(world: World) -> None:
    await encrypt(world)
    first, second = await take(world, wav(noise(2))), await take(world, wav(noise(1)))
    assert sealed_of(first).wrapped_key != sealed_of(second).wrapped_key
    vectors = [made.iv for recording in (first, second) for made in sealed_of(recording).forms]
    assert len(set(vectors)) == len(vectors) == 6
    with pytest.raises(InvalidTag):
        await heard(world, first, replace(sealed_of(first).forms[0], iv=sealed_of(first).forms[1].iv))


async def test_a_bit_that_was_changed_on_the_way_is_seen(world: World) -> None:
    await encrypt(world)
    recording = await take(world, wav(noise(1)))
    sealed = sealed_of(recording)
    content = bytearray(await received(world, recording, form=MediaFormat.WAV))
    content[5000] ^= 1
    with pytest.raises(InvalidTag):
        unsealed(PRIVATE, bytes(content), cek=sealed.wrapped_key, iv=sealed.forms[0].iv)


@pytest.mark.parametrize("channels", [1, 2])
async def test_what_arrives_in_another_form_is_made_wav_and_mp3_first(world: World, channels: int) -> None:
    await encrypt(world)
    samples = noise(channels)
    opus = b"".join(encode_opus(iter([np.repeat(samples, 6, axis=0)]), sample_rate=48_000, channels=channels))
    recording = await take(world, opus)
    assert recording.format is MediaFormat.OGG
    assert [(made.format, made.channels) for made in sealed_of(recording).forms] == WHOLE[
        : 2 * channels
    ] or channels == 1
    assert len(decoded(await heard(world, recording, sealed_of(recording).forms[0]))) > 2.9 * 48_000
    assert await received(world, recording) == await received(world, recording, form=MediaFormat.WAV)


async def test_what_was_not_made_before_cannot_be_had(world: World) -> None:
    await encrypt(world)
    recording = await take(world, wav(noise(1)))
    for form in (MediaFormat.OGG, MediaFormat.FLAC):
        with pytest.raises(Conflict, match="mp3, wav"):
            await received(world, recording, form=form)
    with pytest.raises(NotFound):
        await received(world, recording, original=True)
    with pytest.raises(Conflict):
        await received(world, recording, form=MediaFormat.WAV, channels=2)
    ref = Ref(dialect="callvault", kind="recording", text="it", computed=recording.id)
    with pytest.raises(Conflict, match="nobody here can hear it"):
        await world.vault.transcribing.request(RequestTranscription(account_id=ACME.id, recording=ref), NOW)


async def test_what_came_before_and_what_comes_after_stays_open(world: World) -> None:
    before = await take(world, wav(noise(1)))
    await encrypt(world)
    await world.vault.keyring.choose(await _acme(world), None)
    after = await take(world, wav(noise(2)))
    for recording in (before, after):
        assert recording.media is not None
        assert recording.media.sealed is None
        assert len(decoded(await received(world, recording))) == 3 * RATE


async def test_the_same_audio_twice_is_there_already(world: World) -> None:
    await encrypt(world)
    first, second = await take(world, wav(noise(1))), await take(world, wav(noise(1)))
    assert first.id == second.id
    assert len([path for path in (world.folder / "media").rglob("*") if path.is_file()]) == 1


async def test_a_deletion_erases_all_forms(world: World) -> None:
    await encrypt(world)
    recording = await take(world, wav(noise(2)))
    ref = Ref(dialect="callvault", kind="recording", text="it", computed=recording.id)
    await world.vault.erasing.delete(DeleteRecording(account_id=ACME.id, recording=ref), NOW)
    assert [path for path in (world.folder / "media").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("failing", ["seal", "put_file"])
async def test_an_intake_that_fails_leaves_nothing_to_hear(
    world: World, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    await encrypt(world)
    plain = wav(noise(2))

    def fail(*_: Any) -> None:
        raise MediaError("the disk is full")

    if failing == "seal":
        monkeypatch.setattr("callvault.vault.intake.seal", fail)
    else:
        monkeypatch.setattr(world.vault.stores["main"], "put_file", fail)
    with pytest.raises(MediaError):
        await take(world, plain)
    assert readable(world.folder, *all_forms(plain, world.folder)) == []
    monkeypatch.undo()
    await world.vault.settling.settle()
    assert [path for path in (world.folder / "incoming").rglob("*") if path.is_file()] == []


async def test_without_its_key_nothing_is_taken_in_as_it_stands(world: World) -> None:
    key = await encrypt(world)
    with pytest.raises(Conflict, match="choose another first"):
        await world.vault.keyring.remove(RemovePublicKey(account_id=ACME.id, key_id=key.id))
    await world.vault.catalogue.remove_public_key(ACME.id, key.id)
    plain = wav(noise(1))
    with pytest.raises(Conflict, match="key for that is gone"):
        await take(world, plain)
    assert readable(world.folder, plain) == []
    await world.vault.keyring.choose(await _acme(world), None)
    await take(world, plain)


async def test_only_a_key_of_the_accounts_own_is_chosen(world: World) -> None:
    other = await world.account(replace(ACME, id=UUID(int=2), name="other"), token="ab" * 32)
    theirs = await world.vault.keyring.add(AddPublicKey(account_id=other.id, pem=pem_of(PRIVATE)), NOW)
    for key_id in (theirs.id, uuid4()):
        with pytest.raises(NotFound):
            await world.vault.keyring.choose(ACME, key_id)
    assert keyring.SETTING not in (await _acme(world)).settings


def _public(key: Any, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    return str(key.public_key().public_bytes(Encoding.PEM, form).decode())


def _private(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "no key",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
        _public(ec.generate_private_key(ec.SECP256R1())),
        _public(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
        _private(PRIVATE),
    ],
)
async def test_what_nothing_can_be_encrypted_with_is_refused(world: World, pem: str) -> None:
    with pytest.raises(BadRequest, match="RSA public key of at least 2048 bits") as refused:
        await world.vault.keyring.add(AddPublicKey(account_id=ACME.id, pem=pem), NOW)
    assert "PRIVATE" not in str(refused.value)


async def test_an_older_form_of_key_is_the_same_key(world: World) -> None:
    for pem in (
        _public(PRIVATE, PublicFormat.PKCS1),
        f"\n  {pem_of(PRIVATE)}\n",
        pem_of(PRIVATE).replace("\n", "\r\n"),
    ):
        key = await world.vault.keyring.add(AddPublicKey(account_id=ACME.id, pem=pem), NOW)
        assert key.pem == pem_of(PRIVATE)


async def _acme(world: World) -> Account:
    account = await world.vault.catalogue.account(ACME.id)
    assert account is not None
    return account


def _key(recording: Recording) -> str:
    assert recording.media is not None
    return recording.media.key
