"""Golden notices: the same events, told in every vendor's words, exactly.

``tests/golden/notices/core.json`` says what happened; ``told/<dialect>.json`` is a list of notices, each with the
event, the hook's own fields, and the request that goes out.  A header that is ``*`` there is only said to be there.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from callvault.dialects import registry
from callvault.dialects.contract import Dialect
from callvault.model.events import EventKind
from callvault.model.notice import Notice
from tests.masking import masked_tree
from tests.unit.dialects.tellings import CORE, NOTICES, dialect, hook, telling

TOLD = {path.stem: json.loads(path.read_text()) for path in sorted((NOTICES / "told").glob("*.json"))}
CASES = [
    pytest.param(name, case, id=f"{name}: {case['about']}") for name, told in TOLD.items() for case in told["notices"]
]
SPEAKING = [dialect for dialect in registry.load() if dialect.hooks.events]


def as_json(notice: Notice) -> dict[str, Any]:
    body = notice.body.decode()
    return {
        "method": notice.method,
        "url": notice.url,
        "headers": dict(notice.headers),
        "body": masked_tree(json.loads(body)) if body.startswith("{") else body,
    }


@pytest.mark.parametrize(("name", "case"), CASES)
def test_the_notice_is_the_vendors(name: str, case: dict[str, Any]) -> None:
    notice = as_json(
        dialect(name).hooks.phrase(
            telling(name, case["event"], attempt=case.get("attempt", 1), url=case.get("url"), **case.get("hook", {}))
        )
    )
    expected = case["notice"]
    said = expected["headers"]
    notice["headers"] = {
        name: said.get(name) if said.get(name) == "*" else text for name, text in notice["headers"].items()
    }
    assert json.dumps(notice, indent=1) == json.dumps(expected, indent=1)


def test_every_dialect_with_notices_has_golden_ones_with_their_source() -> None:
    assert set(TOLD) == {dialect.name for dialect in SPEAKING}
    assert all(told["source"] for told in TOLD.values())


@pytest.mark.parametrize("speaking", SPEAKING, ids=lambda speaking: speaking.name)
def test_every_event_is_in_a_golden_notice(speaking: Dialect) -> None:
    told = {EventKind(CORE["events"][case["event"]]["kind"]) for case in TOLD[speaking.name]["notices"]}
    assert told == set(speaking.hooks.events) - {EventKind.PAUSED, EventKind.RESUMED}


@pytest.mark.parametrize("speaking", SPEAKING, ids=lambda speaking: speaking.name)
def test_what_a_dialect_calls_an_event_is_what_it_says(speaking: Dialect) -> None:
    said = json.dumps([case["notice"] for case in TOLD[speaking.name]["notices"]])
    words = {word for each in speaking.hooks.events.values() for word in each}
    assert {word for word in words if word not in said} <= {"recording.paused", "recording.resumed"}


@pytest.mark.parametrize("each", registry.load(), ids=lambda each: each.name)
def test_what_is_usual_is_something_that_there_is(each: Dialect) -> None:
    assert each.hooks.usual <= set(each.hooks.events)
    assert bool(each.hooks.usual) is bool(each.hooks.events)
    rules = each.hooks.rules(hook(each.name))
    assert 0 < rules.timeout_s <= 30
    assert list(rules.pauses_s) == sorted(rules.pauses_s), "pauses grow"
