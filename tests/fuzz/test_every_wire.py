"""Real requests, changed in ways that no client would: an answer in the vendor's shape, and never a fault of ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callvault.dialects import registry
from tests.fuzz.house import House
from tests.fuzz.mutations import requests
from tests.fuzz.seeds import Seed, seeds
from tests.fuzz.shapes import check

QUICK = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=6000, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)

every_dialect = pytest.mark.parametrize("dialect", registry.NAMES)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    opened = House()
    yield opened
    opened.close()


def try_out(house: House, seed: Seed) -> None:
    answer, owner = house.ask(seed)
    check(answer, owner, seed.method, seed.target)


@every_dialect
def test_the_seeds_themselves_are_answered(house: House, dialect: str) -> None:
    good = 0
    for seed in seeds(dialect):
        answer, owner = house.ask(seed)
        check(answer, owner, seed.method, seed.target)
        assert owner == seed.dialect or seed.target.startswith(b"/media/")
        good += answer.status < 300
    assert good > len(seeds(dialect)) / 4, "most of what is changed begins as a good request"


@every_dialect
def test_a_changed_request_is_answered_in_the_vendors_shape(house: House, dialect: str) -> None:
    @QUICK
    @given(seed=requests(dialect))
    def run(seed: Seed) -> None:
        try_out(house, seed)

    run()


@pytest.mark.slow
@every_dialect
def test_thousands_of_changed_requests_are_answered_in_the_vendors_shape(house: House, dialect: str) -> None:
    @LONG
    @given(seed=requests(dialect), again=st.integers(0, 1))
    def run(seed: Seed, again: int) -> None:
        for _ in range(1 + again):
            try_out(house, seed)

    run()
