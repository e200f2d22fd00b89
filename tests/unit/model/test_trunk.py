"""What a take's journal keeps of its trunk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from callvault.model.policy import RECORD_ALL, RECORD_NONE, policy_of, write_policy
from callvault.model.trunk import Trunk

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
TRUNK = Trunk(id=UUID(int=1), account_id=UUID(int=2), name="sbc", created_at=MOMENT, updated_at=MOMENT)


def test_a_trunks_own_policy_comes_before_the_accounts() -> None:
    of_account = replace(TRUNK, account_policy=write_policy(RECORD_NONE))
    of_both = replace(of_account, settings={"policy": write_policy(RECORD_ALL)})
    policies = [policy_of(trunk.about_recordings()) for trunk in (TRUNK, of_account, of_both)]
    assert policies == [RECORD_ALL, RECORD_NONE, RECORD_ALL]
