"""For tests of other people's apps: starts an emulator, steers it, and listens for the webhooks that it sends.

Live calls are no emulator's: ``calls`` starts a server that takes them, and places them.
``plugin`` makes pytest fixtures of it; what is started is ``callvault serve``, in a process of its own, spoken to over
HTTP.  The server knows nothing of this package, and only ``plugin`` needs pytest.
"""

from __future__ import annotations

from callvault.testing.calls import CallTaker, PlacedCall, taking_calls
from callvault.testing.receiver import HookReceiver, Received
from callvault.testing.server import CallvaultServer, EmulatedRecording, emulated

__all__ = [
    "CallTaker",
    "CallvaultServer",
    "EmulatedRecording",
    "HookReceiver",
    "PlacedCall",
    "Received",
    "emulated",
    "taking_calls",
]
