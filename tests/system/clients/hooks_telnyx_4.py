"""telnyx 4: its check of webhooks."""

import time

import telnyx

from conversing import converse, later


def unwrap(credentials, body, headers, later_s=0):
    client = telnyx.Telnyx(api_key=credentials["api_key"], public_key=credentials["public_key"])
    with later(time, later_s):
        try:
            event = client.webhooks.unwrap(body, headers=headers)
        except ValueError as error:
            return {"refused": str(error)}
    return {"event": event.data.event_type, "recording": getattr(event.data.payload, "recording_id", None)}


converse({"unwrap": unwrap}, telnyx.TelnyxError, lambda error: {"said": str(error)})
