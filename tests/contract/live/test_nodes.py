"""A node that has calls and dies: what is said of its calls, and how they come back."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from callvault.catalogue.verbs import Verbs
from callvault.errors import Ended, NotFound
from callvault.model.actor import Account
from callvault.model.live import Phase
from callvault.vault.live_calls import LiveCalls
from callvault.vault.live_commands import FindLiveCalls, GetLiveCall, MaskCall, StartRecording, SteerRecording
from callvault.vault.vault import Vault
from tests.catalogues import fall_silent
from tests.contract.live.orders import by_id, perform, start
from tests.wheel import Recorder, clock, recorder


async def test_a_call_whose_node_died_is_not_there_and_no_order_waits_for_it(
    catalogue: Verbs, vault: Vault, account: Account
) -> None:
    async with recorder(vault, account.id) as node:
        call = await node.call()
    await fall_silent(catalogue, "north", 60)
    assert await perform(vault, account, FindLiveCalls(account_id=account.id)) == []
    for command in (
        GetLiveCall(account_id=account.id, call=by_id(call)),
        StartRecording(account_id=account.id, call=by_id(call)),
        SteerRecording(account_id=account.id, call=by_id(call), to=Phase.PAUSED),
        MaskCall(account_id=account.id, call=by_id(call), on=True),
    ):
        with pytest.raises(NotFound) as refused:
            await perform(vault, account, command)
        assert not isinstance(refused.value, Ended)
    assert list(await catalogue.take_orders("north", clock())) == []


async def test_of_a_call_that_was_recorded_it_is_said_that_it_ended_until_its_node_is_back(
    catalogue: Verbs, vault: Vault, account: Account
) -> None:
    async with recorder(vault, account.id) as node:
        call = await node.call()
        begun = await start(vault, account, call)
    await fall_silent(catalogue, "north", 60)
    with pytest.raises(Ended):
        await perform(vault, account, StartRecording(account_id=account.id, call=by_id(call)))
    successor = Recorder(lives=LiveCalls(catalogue, "north", clock=clock), account_id=account.id, wheel=node.wheel)
    successor.lives.note(node.wheel.calls[call.take])
    await successor.lives.flush()
    assert await perform(vault, account, FindLiveCalls(account_id=account.id)) == [node.wheel.calls[call.take]]
    assert node.wheel.calls[call.take].recording(begun.id)


@pytest.mark.parametrize("silent_s", [60, 25 * 3600], ids=["for a minute", "and forgotten"])
async def test_a_call_of_which_there_is_nothing_new_comes_back_by_itself(
    catalogue: Verbs, vault: Vault, account: Account, monkeypatch: pytest.MonkeyPatch, silent_s: float
) -> None:
    """A machine that stood still, say: its process never knew that it was thought dead."""
    monkeypatch.setattr("callvault.vault.live_calls.SIGN_S", 0.01)
    monkeypatch.setattr("callvault.vault.live_calls.FLUSH_S", 0.01)
    node = Recorder(lives=LiveCalls(catalogue, "north", clock=clock), account_id=account.id)
    call = await node.call()
    await fall_silent(catalogue, "north", silent_s)
    await catalogue.forget_live("south")
    assert await catalogue.live_calls(account.id) == []
    running = asyncio.create_task(node.lives.run(node.wheel))
    try:
        async with asyncio.timeout(20):
            masked = None
            while masked is None:
                await asyncio.sleep(0.01)
                with suppress(NotFound):
                    masked = await perform(vault, account, MaskCall(account_id=account.id, call=by_id(call), on=True))
        assert await catalogue.live_calls(account.id) == [masked]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_node_without_calls_writes_nothing(
    catalogue: Verbs, vault: Vault, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callvault.vault.live_calls.SIGN_S", 0.0)
    lives = LiveCalls(catalogue, "north", clock=clock)
    await lives.flush()
    before = catalogue.tally.statements
    await lives.flush()
    assert catalogue.tally.statements == before
