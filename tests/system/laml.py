"""The clients of the API that Twilio and SignalWire share, in each generation and language that is tried.

What does not live here: what they say.  Which class a status becomes depends on what is asked, so that is told.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.system.conversation import Client

Exceptions = Mapping[int, str]
"""What a client raises at each status."""


def twilio_clients(python: Exceptions, javascript: Exceptions) -> tuple[Client, ...]:
    """Twilio's own."""
    return (
        Client(name="twilio", script="twilio_9.py", exceptions=python),
        Client(name="twilio-8", script="twilio_9.py", exceptions=python),
        Client(name="twilio-js", script="twilio_js.cjs", exceptions=javascript, tls=True),
    )


def signalwire_clients(python: Exceptions, javascript: Exceptions) -> tuple[Client, ...]:
    """SignalWire's own."""
    return (
        Client(name="signalwire", script="signalwire_2.py", exceptions=python, tls=True),
        Client(name="signalwire-1", script="signalwire_2.py", exceptions=python, tls=True),
        Client(name="signalwire-js", script="signalwire_js.cjs", exceptions=javascript, tls=True),
    )
