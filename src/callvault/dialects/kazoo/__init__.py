"""Kazoo's Crossbar API, the recordings family, and the receiving end of its recordings' push."""

from callvault.dialects.contract import Dialect
from callvault.dialects.kazoo.auth import claim, credentials
from callvault.dialects.kazoo.errors import refuse
from callvault.dialects.kazoo.examples import examples
from callvault.dialects.kazoo.hooks import HOOKS
from callvault.dialects.kazoo.replies import names
from callvault.dialects.kazoo.routes import ROUTES

DIALECT = Dialect(
    name="kazoo",
    title="Kazoo",
    routes=ROUTES,
    claim=claim,
    refuse=refuse,
    credentials=credentials,
    names=names,
    examples=examples,
    hooks=HOOKS,
)
