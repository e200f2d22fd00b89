"""Faults: where they hold, how often, and how they are written down."""

from __future__ import annotations

from typing import Any

import pytest

from callvault.errors import BadRequest
from callvault.server.emulator.fault_documents import read_faults, write_fault
from callvault.server.emulator.faults import Deed, Family, Fault, Faults, OddNotice, Refusal, SlowBody

GONE = Refusal(status=404)


@pytest.mark.parametrize(
    ("pattern", "path", "hit"),
    [
        ("**", "/v2/recordings/1", True),
        ("/v2/recordings/*", "/v2/recordings/1", True),
        ("/v2/recordings/*", "/v2/recordings/1/media", False),
        ("/v2/recordings/**", "/v2/recordings/1/media", True),
        ("/v2/recordings", "/v2/recordings/1", False),
        ("/v2/*/1", "/v2/recordings/1", True),
        ("**/media", "/api/v2/accounts/1/calls/2/recordings/3/media", True),
        ("/v2/recordings.json", "/v2/recordings-json", False),
        ("*", "/v2", False),
    ],
)
def test_a_star_stays_within_its_segment_and_two_do_not(pattern: str, path: str, hit: bool) -> None:
    assert Fault(path=pattern, deed=GONE).concerns("telnyx", "GET", path) is hit


def test_a_fault_holds_for_its_dialect_and_its_verb() -> None:
    fault = Fault(dialect="telnyx", method="DELETE", deed=GONE)
    assert fault.concerns("telnyx", "DELETE", "/v2/recordings/1")
    assert not fault.concerns("bird", "DELETE", "/v2/recordings/1")
    assert not fault.concerns("telnyx", "GET", "/v2/recordings/1")


def test_a_fault_happens_as_often_as_it_says_and_then_no_more() -> None:
    faults = Faults()
    faults.plant(Fault(times=2, deed=GONE))
    assert [take(faults) for _ in range(3)] == [GONE, GONE, None]
    assert faults.standing() == ()


def test_without_a_number_it_happens_until_it_is_taken_back() -> None:
    faults = Faults()
    faults.plant(Fault(times=None, deed=GONE))
    assert [take(faults) for _ in range(5)] == [GONE] * 5
    faults.clear()
    assert take(faults) is None


def test_the_first_that_was_planted_happens_first() -> None:
    faults = Faults()
    limit = Refusal(status=429)
    faults.plant(Fault(deed=GONE), Fault(deed=limit))
    assert [take(faults), take(faults)] == [GONE, limit]


def test_families_do_not_use_one_another_up() -> None:
    faults = Faults()
    slow = SlowBody(bytes_per_s=100)
    faults.plant(Fault(deed=slow), Fault(deed=GONE))
    assert take(faults) == GONE
    assert faults.take(Family.BODY, "bird", "GET", "/") == slow


def take(faults: Faults) -> Deed | None:
    return faults.take(Family.REFUSAL, "bird", "GET", "/recordings")


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ({"status": 404}, Fault(deed=Refusal(status=404))),
        ({"status": 503, "times": None}, Fault(times=None, deed=Refusal(status=503))),
        (
            {
                "dialect": "telnyx",
                "method": "GET",
                "path": "/v2/*",
                "times": 3,
                "status": 429,
                "retry_after_s": 2.5,
                "limit": 9,
            },
            Fault(
                dialect="telnyx",
                method="GET",
                path="/v2/*",
                times=3,
                deed=Refusal(status=429, retry_after_s=2.5, limit=9),
            ),
        ),
        ({"first_byte_after_s": 2}, Fault(deed=SlowBody(first_byte_after_s=2))),
        (
            {"bytes_per_s": 8000, "break_after_bytes": 0},
            Fault(deed=SlowBody(bytes_per_s=8000, break_after_bytes=0)),
        ),
        ({"notices_late_s": 5}, Fault(deed=OddNotice(late_s=5))),
        ({"notice_copies": 2}, Fault(deed=OddNotice(copies=2))),
    ],
)
def test_documents_and_faults_are_the_same(document: dict[str, Any], fault: Fault) -> None:
    assert read_faults(document) == (fault,)
    assert read_faults(write_fault(fault, fault.times)) == (fault,)


def test_several_come_as_a_list() -> None:
    assert read_faults([{"status": 404}, {"status": 500}]) == (
        Fault(deed=Refusal(status=404)),
        Fault(deed=Refusal(status=500)),
    )


@pytest.mark.parametrize(
    ("document", "field", "sentence"),
    [
        ("404", None, "A fault must be a JSON object"),
        ({}, None, "A fault says one thing"),
        ({"retry_after_s": 5}, None, "A fault says one thing"),
        ({"status": 404, "bytes_per_s": 5}, None, "A fault says one thing"),
        ({"colour": "red"}, "colour", "A fault has no field 'colour'"),
        ({"status": 418}, "status", "status must be 401, 403, 404, 429 or 500 to 599"),
        ({"status": True}, "status", "status must be"),
        ({"status": 404, "dialect": "acme"}, "dialect", "dialect must be one of bandwidth"),
        ({"status": 404, "method": "get"}, "method", "method must be one of GET"),
        ({"status": 404, "path": "recordings"}, "path", "path must begin with / or *"),
        ({"status": 404, "times": 0}, "times", "times must be a whole number from 1"),
        ({"status": 404, "times": 1.5}, "times", "times must be a whole number from 1"),
        ({"bytes_per_s": 0}, "bytes_per_s", "bytes_per_s must be a number from 1"),
        ({"bytes_per_s": "fast"}, "bytes_per_s", "bytes_per_s must be a number"),
        ({"notice_copies": 11}, "notice_copies", "notice_copies must be a whole number from 1 to 10"),
    ],
)
def test_what_is_no_fault_is_refused(document: Any, field: str | None, sentence: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_faults(document)
    assert refused.value.field == field
    assert sentence in str(refused.value)
