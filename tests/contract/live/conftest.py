"""An account on every engine, and a vault that has its live calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from callvault.catalogue.verbs import Verbs
from callvault.model.actor import Account
from callvault.vault.vault import Vault
from tests.catalogues import an_account
from tests.contract.live.orders import a_vault


@pytest.fixture
async def account(catalogue: Verbs) -> Account:
    return await catalogue.add_account(an_account("acme"))


@pytest.fixture
def vault(catalogue: Verbs, tmp_path: Path) -> Vault:
    return a_vault(catalogue, tmp_path)
