"""Every vendor's wire as its clients write and read it: one adapter each, for the suite of the same statements.

What does not live here: anything of ``callvault.dialects``, which the suite is about.
"""

from __future__ import annotations

from tests.contract.tongues.bandwidth import Bandwidth
from tests.contract.tongues.bird import Bird
from tests.contract.tongues.callvault import Callvault
from tests.contract.tongues.kazoo import Kazoo
from tests.contract.tongues.laml import SignalWire, Twilio
from tests.contract.tongues.telnyx import Telnyx, Texml
from tests.contract.tongues.tongue import Ask, Bound, Caller, Item, Tongue

TONGUES: tuple[Tongue, ...] = (
    Bandwidth(),
    Kazoo(),
    Bird(),
    Telnyx(),
    Texml(),
    SignalWire(),
    Twilio(),
    Callvault(),
)

__all__ = ["TONGUES", "Ask", "Bound", "Caller", "Item", "Tongue"]
