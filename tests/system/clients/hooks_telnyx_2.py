"""telnyx 2: its check of webhooks."""

import time

import telnyx
from nacl.exceptions import BadSignatureError
from telnyx.error import SignatureVerificationError, TelnyxError

from conversing import converse, later


def unwrap(credentials, body, headers, later_s=0):
    telnyx.api_key, telnyx.public_key = credentials["api_key"], credentials["public_key"]
    signature, timestamp = headers["telnyx-signature-ed25519"], headers["telnyx-timestamp"]
    with later(time, later_s):
        try:
            event = telnyx.Webhook.construct_event(body, signature, timestamp)
        except (BadSignatureError, SignatureVerificationError) as error:
            return {"refused": str(error)}
    return {"event": event.data.event_type, "recording": event.data.payload.get("recording_id")}


converse({"unwrap": unwrap}, TelnyxError, lambda error: {"said": str(error)})
