"""Our own API: every filter, every form of the audio, uploads, and a description of itself."""

from callvault.dialects.callvault.auth import claim, credentials
from callvault.dialects.callvault.errors import refuse
from callvault.dialects.callvault.examples import examples
from callvault.dialects.callvault.hooks import HOOKS
from callvault.dialects.callvault.replies import names
from callvault.dialects.callvault.routes import ROUTES
from callvault.dialects.contract import Dialect

DIALECT = Dialect(
    name="callvault",
    title="callvault",
    routes=ROUTES,
    claim=claim,
    refuse=refuse,
    credentials=credentials,
    names=names,
    examples=examples,
    hooks=HOOKS,
)
