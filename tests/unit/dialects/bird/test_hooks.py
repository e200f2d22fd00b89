"""Bird tells nothing."""

from __future__ import annotations

import pytest

from callvault.dialects.bird.hooks import HOOKS
from callvault.errors import Conflict
from tests.unit.dialects.tellings import hook, telling


def test_bird_has_no_notice_and_says_so() -> None:
    assert HOOKS.form.events == frozenset()
    assert HOOKS.rules(hook("bird")).pauses_s == ()
    with pytest.raises(Conflict, match="no notice"):
        HOOKS.phrase(telling("bird", "available"))
