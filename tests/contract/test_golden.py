"""Golden cases: the same recordings, told in every tongue, exactly.

``tests/golden/<case>/core.json`` is what the catalogue holds; ``<dialect>.json`` beside it is a list of exchanges, each
a request with real credential headers and the reply that the vendor would give.  A new case is a new file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.masking import masked, masked_tree
from tests.world import body_of, load_case, open_world

GOLDEN = Path(__file__).parent.parent / "golden"
CASES = sorted(path for path in GOLDEN.glob("*/*.json") if path.name != "core.json")


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_the_reply_is_the_vendors(path: Path, tmp_path: Path) -> None:
    core = json.loads((path.parent / "core.json").read_text())
    told = json.loads(path.read_text())
    assert told["source"], "a golden file names its source and the date on which it was read"
    async with open_world(tmp_path) as world:
        await load_case(world, core)
        for exchange in told["exchanges"]:
            asked, expected = exchange["request"], exchange["reply"]
            body = asked.get("body", b"")
            reply = await world.ask(
                asked["method"],
                asked["path"],
                asked.get("headers"),
                body.encode() if isinstance(body, str) else json.dumps(body).encode() if body else b"",
                exchange.get("settings"),
            )
            content = await body_of(reply)
            assert reply.status == expected["status"], content[:500]
            headers = dict(reply.headers)
            for name, value in expected.get("headers", {}).items():
                assert masked(headers.get(name.lower(), "")) == masked(value), name
            if expected.get("body_is") == "audio":
                assert len(content) > 100
                assert not content.startswith(b"{")
            elif isinstance(expected.get("body"), str):
                assert masked(content.decode()) == masked(expected["body"]), exchange["about"]
            elif "body" in expected:
                told_body = ordered(masked_tree(json.loads(content)))
                assert told_body == ordered(masked_tree(expected["body"])), exchange["about"]


@pytest.mark.parametrize("folder", sorted({path.parent for path in CASES}), ids=lambda folder: folder.name)
def test_every_case_says_what_the_catalogue_holds(folder: Path) -> None:
    assert json.loads((folder / "core.json").read_text())["about"]


def ordered(value: Any) -> str:
    """Compared as text, so that the order of the keys counts too, and 1 is not 1.0."""
    return json.dumps(value, indent=1)
