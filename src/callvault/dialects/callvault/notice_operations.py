"""The operations of our own API that are about hooks and deliveries; the others are ``operations``."""

from __future__ import annotations

from callvault.dialects.callvault import notice_parameters
from callvault.dialects.callvault.operation import Answer, Operation, json_answer
from callvault.dialects.callvault.words import BASE

HOOK_PATH = BASE + "/hooks/{hook}"
DELIVERY_PATH = BASE + "/deliveries/{delivery}"

ADD_HOOK = Operation(
    id="addHook",
    method="POST",
    path=BASE + "/hooks",
    about="Have somebody told",
    more="From now on what happens is told there, in the form and by the rules of the dialect's vendor. The key needs "
    "`read` and `media` besides `write`, because notices tell of every recording and hold links to audio.",
    answers=(json_answer("Hook", "It is told from now on.", status=201, headers=("Location",)),),
    refusals=(400, 403, 404, 413),
    takes="NewHook",
)
FIND_HOOKS = Operation(
    id="findHooks",
    method="GET",
    path=BASE + "/hooks",
    about="The hooks in force, oldest first",
    parameters=notice_parameters.FIND_HOOKS,
    answers=(json_answer("HookList", "All of them."),),
    refusals=(400, 403),
)
GET_HOOK = Operation(
    id="getHook",
    method="GET",
    path=HOOK_PATH,
    about="One hook",
    answers=(json_answer("Hook", "The hook; its password is never shown."),),
    refusals=(400, 403, 404),
)
REMOVE_HOOK = Operation(
    id="removeHook",
    method="DELETE",
    path=HOOK_PATH,
    about="Remove a hook",
    more="Nothing goes there any more, and what is waiting is given up. What was delivered can still be looked at.",
    answers=(Answer(status=204, about="It is out of force."),),
    refusals=(400, 403, 404),
)
FIND_DELIVERIES = Operation(
    id="findDeliveries",
    method="GET",
    path=BASE + "/deliveries",
    about="Deliveries, newest first",
    more="One for each event and each hook that asks for it. Follow `links.next`, or hand `next` back as `after`.",
    parameters=notice_parameters.FIND_DELIVERIES,
    answers=(json_answer("DeliveryPage", "A page.", headers=("Link",)),),
    refusals=(400, 403),
)
GET_DELIVERY = Operation(
    id="getDelivery",
    method="GET",
    path=DELIVERY_PATH,
    about="One delivery, with the bytes that were sent and the answers to them",
    more="The key needs `media` besides `read`, because the bytes hold links to audio.",
    answers=(json_answer("LoggedDelivery", "The delivery, and every attempt at it."),),
    refusals=(400, 403, 404),
)
REPLAY = Operation(
    id="replayDelivery",
    method="POST",
    path=DELIVERY_PATH + "/replay",
    about="Send a delivery once more",
    more="At once, with a fresh count of attempts; id and content of the event are the same, the signature is new.",
    answers=(json_answer("Delivery", "It goes out in a moment.", status=202),),
    refusals=(400, 403, 404, 409, 413),
)

OPERATIONS = (ADD_HOOK, FIND_HOOKS, GET_HOOK, REMOVE_HOOK, FIND_DELIVERIES, GET_DELIVERY, REPLAY)
