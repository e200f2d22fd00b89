"""SignalWire's Compatibility API and Twilio's REST API of 2010-04-01, which it speaks: the recordings family."""

from callvault.dialects.contract import Dialect
from callvault.dialects.signalwire.auth import claim, credentials
from callvault.dialects.signalwire.errors import refuse
from callvault.dialects.signalwire.examples import examples
from callvault.dialects.signalwire.hooks import HOOKS
from callvault.dialects.signalwire.replies import names
from callvault.dialects.signalwire.routes import ROUTES

DIALECT = Dialect(
    name="signalwire",
    title="SignalWire",
    routes=ROUTES,
    claim=claim,
    refuse=refuse,
    credentials=credentials,
    names=names,
    examples=examples,
    hooks=HOOKS,
    calls={"signalwire": "call_sid", "twilio": "twilio_call_sid"},
    conferences={"signalwire": "conference_sid", "twilio": "twilio_conference_sid"},
)
