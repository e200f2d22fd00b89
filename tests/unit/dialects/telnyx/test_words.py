"""Telnyx's words are there for everything that the core can say, and its ids are read back."""

from __future__ import annotations

from uuid import UUID

import pytest

from callvault.dialects.telnyx import words
from callvault.model.recording import Origin, Source


def test_every_table_is_total() -> None:
    assert set(words.SOURCE) == set(Source)
    assert set(words.INITIATED_BY) == set(Origin)
    assert set(words.CHANNELS) == {1, 2}


def test_every_origin_has_a_word_of_its_own() -> None:
    assert len(set(words.INITIATED_BY.values())) == len(Origin)


@pytest.mark.parametrize(
    "text",
    [
        "v3:",
        "v2:AZyohCoAeqqLu8zM3d3u7g",
        "AZyohCoAeqqLu8zM3d3u7g",
        "v3:AZyohCoAeqqLu8zM3d3u7g==",
        "v3:AZyohCoAeqqLu8zM3d3u7h",
        "v3:AZyohCoAeqqLu8zM3d3u7gA",
        "v3:AZyohCoAequLu8zM3d3u/g",
        "019ca884-2a00-7aaa-8bbb-ccccddddeeee",
    ],
)
def test_another_control_id_is_not_read_as_ours(text: str) -> None:
    assert words.call_control_ref(text).computed is None


def test_a_control_id_names_its_call() -> None:
    ref = words.call_control_ref("v3:AZyohCoAeqqLu8zM3d3u7g")
    assert ref.computed == UUID("019ca884-2a00-7aaa-8bbb-ccccddddeeee")
    assert (ref.dialect, ref.kind, ref.text) == ("telnyx", "call_control", "v3:AZyohCoAeqqLu8zM3d3u7g")
