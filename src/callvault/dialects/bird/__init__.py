"""Bird's voice API, the recordings of a workspace."""

from callvault.dialects.bird.auth import claim, credentials
from callvault.dialects.bird.errors import refuse
from callvault.dialects.bird.examples import examples
from callvault.dialects.bird.hooks import HOOKS
from callvault.dialects.bird.replies import names
from callvault.dialects.bird.routes import ROUTES
from callvault.dialects.contract import Dialect

DIALECT = Dialect(
    name="bird",
    title="Bird",
    routes=ROUTES,
    claim=claim,
    refuse=refuse,
    credentials=credentials,
    names=names,
    examples=examples,
    hooks=HOOKS,
)
