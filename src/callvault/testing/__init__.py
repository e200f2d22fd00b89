"""For tests of other people's apps: starts an emulator, steers it, and listens for the webhooks that it sends.

``plugin`` makes pytest fixtures of it; what it starts is ``callvault serve --emulate``, in a process of its own, spoken
to over HTTP.  The server knows nothing of this package, and only ``plugin`` needs pytest.
"""

from __future__ import annotations

from callvault.testing.receiver import HookReceiver, Received
from callvault.testing.server import CallvaultServer, EmulatedRecording, emulated

__all__ = ["CallvaultServer", "EmulatedRecording", "HookReceiver", "Received", "emulated"]
