"""The operations of our own API that are about live calls and what is recorded of them; the others are
``operations``.
"""

from __future__ import annotations

from callvault.dialects.callvault import live_parameters
from callvault.dialects.callvault.operation import Operation, json_answer
from callvault.dialects.callvault.words import BASE

CALLS_PATH = BASE + "/calls"
CALL_PATH = CALLS_PATH + "/{call}"
RECORDINGS_PATH = CALL_PATH + "/recordings"
POLICY_PATH = BASE + "/policy"

FIND_CALLS = Operation(
    id="findLiveCalls",
    method="GET",
    path=CALLS_PATH,
    about="The calls that are being received, newest first",
    more="Recorded or not. What is known of a call here may be a moment behind it.",
    parameters=live_parameters.FIND_CALLS,
    answers=(json_answer("LiveCallList", "All of them."),),
    refusals=(400, 403),
)
GET_CALL = Operation(
    id="getLiveCall",
    method="GET",
    path=CALL_PATH,
    about="One live call",
    answers=(json_answer("LiveCall", "The call, and the recordings under way."),),
    refusals=(400, 403, 404),
)
START = Operation(
    id="startRecording",
    method="POST",
    path=RECORDINGS_PATH,
    about="Begin a recording of a live call",
    more="Several of one call may run at once. When this is answered the recording runs, or waits for its cue. "
    "With an `Idempotency-Key` that the call has seen before, the answer is the recording that it made then.",
    parameters=live_parameters.START,
    answers=(json_answer("Recording", "It is under way.", status=201, headers=("Location",)),),
    refusals=(400, 403, 404, 409, 413),
    takes="Wish",
    may_be_empty=True,
)
_STEERING = (
    "`paused` and `running` go to and fro; `stopped` is the end, and the file is finished at once. When this is "
    "answered, not a sample that arrives later is kept, or lost."
)
STEER = Operation(
    id="steerRecording",
    method="PATCH",
    path=RECORDINGS_PATH + "/{which}",
    about="Pause a recording under way, let it go on, or stop it",
    more=_STEERING,
    answers=(json_answer("Steered", "It is as asked."),),
    refusals=(400, 403, 404, 409, 413),
    takes="Change",
)
STEER_BY_POST = Operation(
    id="steerRecordingByPost",
    method="POST",
    path=RECORDINGS_PATH + "/{which}",
    about="The same, for those who cannot send PATCH",
    more=_STEERING,
    answers=(json_answer("Steered", "It is as asked."),),
    refusals=(400, 403, 404, 409, 413),
    takes="Change",
)
MASK = Operation(
    id="maskCall",
    method="PUT",
    path=CALL_PATH + "/mask",
    about="Mask a live call, or end that",
    more="While it is masked every recording of it is silent, in true length, and what is said is written nowhere.",
    answers=(json_answer("LiveCall", "It is as asked."),),
    refusals=(400, 403, 404, 409, 413),
    takes="Masking",
)
GET_POLICY = Operation(
    id="getPolicy",
    method="GET",
    path=POLICY_PATH,
    about="Which calls are recorded by themselves, and how",
    answers=(json_answer("Policy", "What is in force for the account."),),
    refusals=(400, 403),
)
KEEP_POLICY = Operation(
    id="keepPolicy",
    method="PUT",
    path=POLICY_PATH,
    about="Decide which calls are recorded by themselves",
    more="The whole policy; calls under way stay as they are. A trunk that has a policy of its own keeps it.",
    answers=(json_answer("Policy", "It is in force."),),
    refusals=(400, 403, 413),
    takes="Policy",
)

OPERATIONS = (FIND_CALLS, GET_CALL, START, STEER, STEER_BY_POST, MASK, GET_POLICY, KEEP_POLICY)
