"""Trunks come back from their file as they went into it, and a spoilt file is as none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from callvault.capture.trunks.file import read_trunks, write_trunks
from tests.unit.capture.trunks.added import a_trunk

TRUNKS = (
    a_trunk("sbc", networks=["192.0.2.0/24", "2001:db8::/32"], user_id=UUID(int=5), connection_id="c-1"),
    a_trunk("road", username="road", password="x", direction="inbound"),
    a_trunk("cert", certificate="sbc.example.net"),
    replace(a_trunk("quiet", certificate="q.example.net"), account_policy={"record": False}),
)


def test_trunks_come_back(tmp_path: Path) -> None:
    write_trunks(tmp_path / "trunks.json", TRUNKS)
    assert read_trunks(tmp_path / "trunks.json") == TRUNKS
    assert (tmp_path / "trunks.json").stat().st_mode & 0o077 == 0


def test_no_file_has_no_trunks(tmp_path: Path) -> None:
    assert read_trunks(tmp_path / "trunks.json") == ()


@pytest.mark.parametrize("spoilt", [b"", b"{", b"[{}]", b'[{"id": 5}]', b"7"])
def test_a_spoilt_file_has_none_either(tmp_path: Path, spoilt: bytes) -> None:
    (tmp_path / "trunks.json").write_bytes(spoilt)
    assert read_trunks(tmp_path / "trunks.json") == ()


def test_a_folder_that_cannot_be_written_to_is_no_trouble(tmp_path: Path) -> None:
    write_trunks(tmp_path / "nowhere" / "trunks.json", TRUNKS)
    assert list(tmp_path.iterdir()) == []
