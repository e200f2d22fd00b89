"""One suite over every kind of store: a folder, memory, and a real S3 server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from obstore.store import MemoryStore

from callvault.errors import MediaError, OperatorError
from callvault.media.places import BucketAccess, store_at
from callvault.media.store import PIECE, MediaStore

Keep = Callable[[str, bytes], None]


@pytest.fixture(params=["folder", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    if request.param == "folder":
        return store_at("main", str(tmp_path / "media"), BucketAccess())
    if request.param == "memory":
        return MediaStore("main", MemoryStore())
    server = request.getfixturevalue("s3_server")
    access = BucketAccess(
        endpoint=server.endpoint, region=server.region, access_key=server.access_key, secret_key=server.secret_key
    )
    return store_at("main", f"s3://{server.fresh_bucket()}/archive", access)


async def put(store: MediaStore, key: str, content: bytes, folder: Path) -> None:
    file = folder / "incoming"
    file.write_bytes(content)
    await store.put_file(key, file)
    assert not file.exists(), "a file that was put is used up"


async def read(store: MediaStore, key: str, start: int, stop: int) -> bytes:
    return b"".join([piece async for piece in store.chunks(key, start, stop)])


async def test_what_was_put_is_what_is_read(store: MediaStore, tmp_path: Path) -> None:
    content = np.random.default_rng(1).bytes(3 * PIECE + 17)
    await put(store, "a/b/c.wav", content, tmp_path)
    assert await store.size("a/b/c.wav") == len(content)
    assert await read(store, "a/b/c.wav", 0, len(content)) == content


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (0, 0), (99, 100), (PIECE - 1, PIECE + 1), (5, PIECE * 2 + 5)])
async def test_a_stretch_is_a_slice(store: MediaStore, tmp_path: Path, start: int, stop: int) -> None:
    content = np.random.default_rng(2).bytes(2 * PIECE + 100)
    await put(store, "x", content, tmp_path)
    assert await read(store, "x", start, stop) == content[start:stop]


async def test_no_piece_is_larger_than_a_few_reads(store: MediaStore, tmp_path: Path) -> None:
    await put(store, "x", bytes(8 * PIECE), tmp_path)
    assert max([len(piece) async for piece in store.chunks("x", 0, 8 * PIECE)]) <= 4 * PIECE


async def test_what_is_not_there_has_no_size_and_cannot_be_read(store: MediaStore) -> None:
    assert await store.size("nothing") is None
    with pytest.raises(MediaError):
        await read(store, "nothing", 0, 10)


async def test_deleting_is_a_success_even_of_what_is_not_there(store: MediaStore, tmp_path: Path) -> None:
    await put(store, "a/b", b"content", tmp_path)
    await store.delete("a/b")
    await store.delete("a/b")
    assert await store.size("a/b") is None


async def test_keys_are_listed_below_a_prefix(store: MediaStore, tmp_path: Path) -> None:
    for key in ("one/a", "one/b", "two/a"):
        await put(store, key, b"content", tmp_path)
    assert {key async for key in store.keys()} == {"one/a", "one/b", "two/a"}  # noqa: SIM118 - not a dictionary
    assert {key async for key in store.keys("one")} == {"one/a", "one/b"}


async def test_a_later_object_replaces_an_earlier_one(store: MediaStore, tmp_path: Path) -> None:
    await put(store, "a", b"first", tmp_path)
    await put(store, "a", b"second", tmp_path)
    assert await read(store, "a", 0, 6) == b"second"


async def test_an_object_can_be_fetched_into_a_file(store: MediaStore, tmp_path: Path) -> None:
    await put(store, "a", b"content" * PIECE, tmp_path)
    await store.fetch("a", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"content" * PIECE
    with pytest.raises(MediaError):
        await store.fetch("nothing", tmp_path / "copy")


async def test_a_folder_leaves_no_empty_folders_behind(tmp_path: Path) -> None:
    store = store_at("main", str(tmp_path / "media"), BucketAccess())
    await put(store, "account/recording/object", b"content", tmp_path)
    await store.delete("account/recording/object")
    assert list((tmp_path / "media").iterdir()) == []


async def test_a_file_that_is_shorter_than_its_row_says_is_an_error_and_not_silence(tmp_path: Path) -> None:
    store = store_at("main", str(tmp_path / "media"), BucketAccess())
    await put(store, "a", b"short", tmp_path)
    with pytest.raises(MediaError, match="ends at byte 5, not 10"):
        await read(store, "a", 0, 10)


async def test_a_full_disk_is_said_plainly(tmp_path: Path) -> None:
    store = store_at("main", str(tmp_path / "media"), BucketAccess())
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "media" / "a").write_bytes(b"a file where a folder has to be")
    with pytest.raises(MediaError, match="Could not keep a/b"):
        await store.put_file("a/b", tmp_path / "file")
    assert (tmp_path / "file").exists(), "what could not be kept is still where it was"


def test_a_place_that_nobody_knows_stops_the_start() -> None:
    with pytest.raises(OperatorError, match="which cannot be used"):
        store_at("main", "ftp://somewhere/else", BucketAccess())
