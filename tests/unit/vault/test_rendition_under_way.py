"""A rendition is read while it is made, and a reader that comes late finds it all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from callvault.errors import AudioError, MediaError
from callvault.vault.renditions import Making

AUDIO = bytes(range(256)) * 40


def making(folder: Path) -> Making:
    under_way = Making(folder / "a.wav.part", folder / "a.wav")
    under_way.part.write_bytes(AUDIO)
    return under_way


async def read(under_way: Making, start: int, stop: int | None) -> bytes:
    return b"".join([piece async for piece in under_way.chunks(start, stop)])


async def test_it_is_read_while_it_is_made(tmp_path: Path) -> None:
    under_way = making(tmp_path)
    under_way.advance(100)
    assert await read(under_way, 10, 100) == AUDIO[10:100]


async def test_it_is_read_when_the_maker_was_faster_than_the_reader_and_has_not_yet_said_so(tmp_path: Path) -> None:
    under_way = making(tmp_path)
    under_way.advance(len(AUDIO))
    under_way.part.replace(under_way.done)
    assert await read(under_way, 0, len(AUDIO)) == AUDIO


async def test_without_a_known_length_it_is_read_to_its_end(tmp_path: Path) -> None:
    under_way = making(tmp_path)
    under_way.advance(len(AUDIO))
    under_way.end(None)
    assert await read(under_way, 0, None) == AUDIO


async def test_one_that_ends_before_its_promised_length_is_told_of(tmp_path: Path) -> None:
    under_way = making(tmp_path)
    under_way.advance(len(AUDIO))
    under_way.end(None)
    with pytest.raises(MediaError, match=f"ends at byte {len(AUDIO)}, not {len(AUDIO) + 1}"):
        await read(under_way, 0, len(AUDIO) + 1)


async def test_one_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    under_way = making(tmp_path)
    under_way.end(AudioError("The file could not be decoded."))
    with pytest.raises(AudioError, match="could not be decoded"):
        await read(under_way, 0, None)
