"""The emulator's faults, in every dialect: the vendor's own refusal, as often as was asked, then the answer again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callvault.dialects import registry
from callvault.errors import MediaError
from callvault.server.emulator.faults import Deed, Fault, Faults, Refusal, SlowBody
from callvault.server.emulator.spoiling import spoiled
from callvault.server.routing import Router
from tests.contract.neighbours import Answer, Neighbours, neighbourhood
from tests.contract.tongues import TONGUES, Tongue
from tests.world import BASE_URL, NOW

every_tongue = pytest.mark.parametrize("tongue", TONGUES, ids=lambda tongue: tongue.name)
FAULTS = Faults()


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Neighbours]:
    """Everybody's dialect may go wrong."""
    FAULTS.clear()
    async with neighbourhood(tmp_path) as opened:
        opened.world.router = Router(spoiled(dialect, FAULTS) for dialect in registry.load())
        yield opened


async def listed(street: Neighbours, tongue: Tongue) -> Answer:
    return await street.get(tongue, tongue.recordings(street.alice))


def plant(tongue: Tongue, deed: Deed, times: int | None = 1) -> None:
    FAULTS.plant(Fault(dialect=tongue.dialect, times=times, deed=deed))


@every_tongue
@pytest.mark.parametrize("status", [401, 404, 429, 500, 502, 503])
async def test_a_refusal_happens_as_often_as_it_was_asked_for(street: Neighbours, tongue: Tongue, status: int) -> None:
    await street.record()
    plant(tongue, Refusal(status=status), times=2)
    statuses = [(await listed(street, tongue)).status for _ in range(4)]
    assert statuses == [status, status, 200, 200]


@every_tongue
@pytest.mark.parametrize("status", [401, 404, 429, 500])
async def test_a_refusal_is_the_vendors_own(street: Neighbours, tongue: Tongue, status: int) -> None:
    plant(tongue, Refusal(status=status))
    answer = await listed(street, tongue)
    assert tongue.is_refusal(answer.status, *answer.parsed()), answer.body


@every_tongue
async def test_a_limit_says_when_to_come_back(street: Neighbours, tongue: Tongue) -> None:
    plant(tongue, Refusal(status=429, retry_after_s=7.5))
    assert (await listed(street, tongue)).headers["retry-after"] == "8"


@pytest.mark.parametrize(("name", "reset"), [("telnyx", "8"), ("signalwire", str(int(NOW.timestamp()) + 8))])
async def test_a_limit_is_told_in_the_vendors_own_headers(street: Neighbours, name: str, reset: str) -> None:
    tongue = next(tongue for tongue in TONGUES if tongue.name == name)
    plant(tongue, Refusal(status=429, retry_after_s=7.5, limit=50))
    headers = (await listed(street, tongue)).headers
    told = {word: value for word, value in headers.items() if word.startswith("x-ratelimit-")}
    assert told == {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}


@every_tongue
async def test_an_error_that_the_vendor_has_no_word_for_comes_as_from_a_gateway(
    street: Neighbours, tongue: Tongue
) -> None:
    plant(tongue, Refusal(status=502))
    answer = await listed(street, tongue)
    assert answer.headers["content-type"] == "text/plain"
    assert answer.body == b"502 Bad Gateway\n"


@every_tongue
async def test_the_other_dialects_are_left_alone(street: Neighbours, tongue: Tongue) -> None:
    plant(tongue, Refusal(status=404), times=None)
    for other in TONGUES:
        if other.dialect != tongue.dialect:
            assert (await listed(street, other)).status == 200


@every_tongue
async def test_a_fault_leaves_everything_else_as_it_was(street: Neighbours, tongue: Tongue) -> None:
    await street.record()
    before = (await listed(street, tongue)).parsed()[1]
    plant(tongue, Refusal(status=500))
    await listed(street, tongue)
    assert tongue.items((await listed(street, tongue)).json()) == tongue.items(before)


@every_tongue
async def test_audio_that_breaks_off_does_so_wherever_it_is_fetched(street: Neighbours, tongue: Tongue) -> None:
    item = await street.shown(tongue, await street.record())
    credentials = tongue.credentials(street.alice)
    ways = tongue.listening(street.alice, item, BASE_URL)
    audible = [way for way in ways if (await street.ask(way, credentials)).is_audio]  # Bird's first is a redirect
    assert audible
    for way in audible:
        FAULTS.plant(Fault(path="**", deed=SlowBody(break_after_bytes=100)))
        with pytest.raises(MediaError, match="broke off"):
            await street.ask(way, credentials)
        assert len((await street.ask(way, credentials)).body) > 100


@every_tongue
async def test_a_slow_list_is_the_same_list(street: Neighbours, tongue: Tongue) -> None:
    await street.record()
    before = tongue.items((await listed(street, tongue)).json())
    plant(tongue, SlowBody(bytes_per_s=1e9))
    assert tongue.items((await listed(street, tongue)).json()) == before
