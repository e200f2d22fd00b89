"""The parameters of our own API that are about hooks and deliveries; the others are ``parameters``."""

from __future__ import annotations

from callvault.dialects.callvault import kinds
from callvault.dialects.callvault.asked import Parameter, Preset, Table
from callvault.model.hook import DeliveryState

HOOK = Parameter(name="hook", kind=kinds.UUID_, about="The hook's id.", place="path", required=True)
DELIVERY = Parameter(name="delivery", kind=kinds.UUID_, about="The delivery's id.", place="path", required=True)

HOOK_ID = Parameter(name="hook_id", kind=kinds.UUID_, about="To this hook, which may have been removed since.")
RECORDING_ID = Parameter(name="recording_id", kind=kinds.UUID_, about="That tell of this recording.")
ONLY_OF = Parameter(
    name="recording_id", kind=kinds.UUID_, about="Those for this recording alone. Without it: those for all recordings."
)
STATE = Parameter(name="state", kind=kinds.one_of(*DeliveryState), about="How far they have come.")
LIMIT = Preset(name="limit", kind=kinds.whole(1, 200), about="At most so many on a page.", default=50)
AFTER = Parameter(name="after", kind=kinds.UUID_, about="Begin behind this delivery: `next` of the page before.")

FIND_HOOKS = Table(ONLY_OF)
FIND_DELIVERIES = Table(HOOK_ID, RECORDING_ID, STATE, LIMIT, AFTER)
