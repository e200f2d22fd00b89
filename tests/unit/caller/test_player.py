"""Things are done in the order of their moments, whoever put them there when."""

from __future__ import annotations

import asyncio

import pytest

from callvault.caller.player import Player


async def test_what_is_due_first_is_done_first() -> None:
    done: list[str] = []
    player = Player(speed=1_000)
    player.at(2, lambda: done.append("last"))
    player.at(0, lambda: player.at(1, lambda: done.append("added")))
    player.at(0, lambda: done.append("first"))
    await player.play()
    assert done == ["first", "added", "last"]


async def test_what_was_begun_is_waited_for_and_may_add_more() -> None:
    done: list[str] = []
    player = Player(speed=1_000)

    async def slowly() -> None:
        await asyncio.sleep(0)
        player.at(player.passed_s, lambda: done.append("after"))
        done.append("slowly")

    player.start_at(0, slowly)
    await player.play()
    assert done == ["slowly", "after"]


async def test_a_stop_leaves_the_rest() -> None:
    done: list[str] = []
    player = Player()
    player.at(0, player.stop)
    player.at(3_600, lambda: done.append("never"))
    await player.play()
    assert done == []


async def test_an_error_of_what_was_begun_is_raised() -> None:
    async def failing() -> None:
        raise ValueError("as it happens")

    player = Player()
    player.start_at(0, failing)
    with pytest.raises(ValueError, match="as it happens"):
        await player.play()
