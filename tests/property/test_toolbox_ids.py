"""Every UUID is written as everybody writes it, and read back."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from callvault.dialects.toolbox.ids import read_uuid, write_uuid


@given(st.uuids())
def test_what_is_written_is_the_usual_form_and_read_back(uuid: UUID) -> None:
    assert write_uuid(uuid) == str(uuid)
    assert read_uuid(write_uuid(uuid)) == uuid
