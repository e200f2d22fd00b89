"""UUIDs as callers write them."""

from __future__ import annotations

from uuid import UUID

import pytest

from callvault.dialects.toolbox.ids import read_uuid

ID = "019ca884-2a00-7aaa-8bbb-ccccddddeeee"


@pytest.mark.parametrize("text", [ID, ID.upper()])
def test_either_case_is_read(text: str) -> None:
    assert read_uuid(text) == UUID(ID)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ID.replace("-", ""),
        f"{{{ID}}}",
        f"urn:uuid:{ID}",
        f" {ID}",
        f"{ID}\n",
        ID[:-1],
        ID.replace("0", "٠"),
        "x" * 36,
    ],
)
def test_every_other_form_is_an_id_of_somebody_else(text: str) -> None:
    assert read_uuid(text) is None
