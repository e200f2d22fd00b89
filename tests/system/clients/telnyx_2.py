"""telnyx 2: its recordings vocabulary."""

import requests
import telnyx
from telnyx.error import TelnyxError

from conversing import converse


def recordings_of(credentials):
    telnyx.api_base, telnyx.api_key = credentials["api_base"], credentials["api_key"]
    return telnyx.Recording


def list_(credentials, page_number=None, page_size=None, **given):
    page = {name: value for name, value in {"number": page_number, "size": page_size}.items() if value}
    return [
        item.id for item in recordings_of(credentials).auto_paging_iter(**given, **({"page": page} if page else {}))
    ]


def count(credentials):
    meta = recordings_of(credentials).list(page={"size": 2}).meta
    return [meta.page_number, meta.page_size, meta.total_pages, meta.total_results]


def get(credentials, recording):
    one = recordings_of(credentials).retrieve(recording)
    names = (
        "id record_type call_control_id call_leg_id call_session_id conference_id connection_id from to channels source"
        " initiated_by status duration_millis recording_started_at recording_ended_at created_at"
    )
    return {name: one.get(name) for name in names.split()}


def listed(credentials, recording):
    [item] = [item for item in recordings_of(credentials).list() if item.id == recording]
    return [item.status, item.channels, item.duration_millis]


def download(credentials, recording, form):
    one = recordings_of(credentials).retrieve(recording)
    reply = requests.get(one.download_urls[form], timeout=20)
    reply.raise_for_status()
    return reply.content.hex()


def delete(credentials, recording):
    recordings_of(credentials).retrieve(recording).delete()
    return recording


def delete_several(credentials, recordings):
    return recordings_of(credentials).retrieve(recordings[0]).delete(ids=recordings).status


def call_command(credentials, call, verb, **given):
    """``verb``: start, stop, pause or resume."""
    recordings_of(credentials)
    return getattr(telnyx.Call, f"create_record_{verb}")(call, **given).data.result


def conference_command(credentials, conference, verb, **given):
    """``verb``: start or stop; it has no others."""
    recordings_of(credentials)
    return getattr(telnyx.Conference, f"create_record_{verb}")(conference, **given).data.result


def tell(error):
    return {"status": error.http_status, "code": error.errors[0]["code"]}


converse(
    {
        "list": list_,
        "count": count,
        "get": get,
        "listed": listed,
        "download": download,
        "delete": delete,
        "delete_several": delete_several,
        "call_command": call_command,
        "conference_command": conference_command,
    },
    TelnyxError,
    tell,
)
