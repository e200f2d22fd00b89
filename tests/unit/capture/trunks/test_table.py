"""The table of trunks follows the catalogue, and goes on without it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest

from callvault.capture.trunks.table import TrunkTable
from callvault.errors import CatalogueError, OperatorError
from callvault.model.trunk import Digests, Trunk
from callvault.vault.trunks import digests_of
from tests.unit.capture.trunks.added import SECRETS, a_trunk


class Catalogue:
    """Rows, or nobody there."""

    def __init__(self, trunks: Sequence[Trunk] | None) -> None:
        self.rows = trunks

    async def trunks(self) -> Sequence[Trunk]:
        if self.rows is None:
            raise CatalogueError("The database cannot be reached.")
        return self.rows


async def test_the_table_follows_the_catalogue_and_goes_on_without_it() -> None:
    table = TrunkTable(lambda trunk: digests_of(trunk, SECRETS))
    sbc = a_trunk("sbc", networks=["192.0.2.7"])
    catalogue = Catalogue([sbc])
    assert await table.refresh(catalogue) is True
    assert table.trunks == (sbc,)
    catalogue.rows = None
    assert await table.refresh(catalogue) is False
    assert table.named("sbc") == sbc
    catalogue.rows = []
    assert await table.refresh(catalogue) is True
    assert table.named("sbc") is None


def test_a_password_that_cannot_be_read_closes_its_own_trunk_alone(caplog: pytest.LogCaptureFixture) -> None:
    def unreadable(trunk: Trunk) -> Digests | None:
        if trunk.sealed_digests is not None:
            raise OperatorError("The master key is not the one.")
        return None

    table = TrunkTable(unreadable)
    with caplog.at_level(logging.WARNING):
        table.take_over([a_trunk("one", username="one", password="1"), a_trunk("sbc", networks=["192.0.2.7"])])
    assert [trunk.name for trunk in table.trunks] == ["sbc"]
    assert "the trunk one admits nobody" in caplog.text
