"""bandwidth-sdk 23: its recordings vocabulary."""

import json
import re

import bandwidth
from bandwidth.api.calls_api import CallsApi
from bandwidth.api.conferences_api import ConferencesApi
from bandwidth.api.recordings_api import RecordingsApi
from bandwidth.models import bxml

from conversing import converse, instant

PARAMETERS = {"from": "var_from", "to": "to", "minStartTime": "min_start_time", "maxStartTime": "max_start_time"}


def open_api(credentials):
    configuration = bandwidth.Configuration(
        host=credentials["base_url"],
        username=credentials["username"],
        password=credentials["password"],
        ignore_operation_servers=True,
        retries=0,  # a limit is to be seen, and not waited for
    )
    return RecordingsApi(bandwidth.ApiClient(configuration))


def ids(items):
    return [item.recording_id for item in items]


def list_account(credentials, **filters):
    renamed = {PARAMETERS[name]: value for name, value in filters.items()}
    return ids(open_api(credentials).list_account_call_recordings(credentials["account_id"], **renamed))


def list_call(credentials, call):
    return ids(open_api(credentials).list_call_recordings(credentials["account_id"], call))


def get(credentials, call, recording):
    one = open_api(credentials).get_call_recording(credentials["account_id"], call, recording)
    return {
        "accountId": one.account_id,
        "callId": one.call_id,
        "parentCallId": one.parent_call_id,
        "recordingId": one.recording_id,
        "from": one.var_from,
        "to": one.to,
        "direction": one.direction,
        "channels": one.channels,
        "duration": one.duration,
        "startTime": instant(one.start_time),
        "endTime": instant(one.end_time),
        "fileFormat": one.file_format,
        "status": one.status,
        "mediaUrl": one.media_url,
        "transcription": one.transcription.status if one.transcription else None,
    }


def download(credentials, call, recording):
    return bytes(open_api(credentials).download_call_recording(credentials["account_id"], call, recording)).hex()


def delete(credentials, call, recording):
    return open_api(credentials).delete_recording(credentials["account_id"], call, recording)


def transcript(credentials, call, recording):
    answer = open_api(credentials).get_recording_transcription(credentials["account_id"], call, recording)
    return [[one.text, one.confidence] for one in answer.transcripts]


def transcribe(credentials, call, recording):
    wanted = bandwidth.TranscribeRecording(callback_timeout=20, tag="order 7")
    return open_api(credentials).transcribe_call_recording(credentials["account_id"], call, recording, wanted)


def delete_transcript(credentials, call, recording):
    return open_api(credentials).delete_recording_transcription(credentials["account_id"], call, recording)


def delete_media(credentials, call, recording):
    return open_api(credentials).delete_recording_media(credentials["account_id"], call, recording)


def status(credentials, call, recording):
    one = open_api(credentials).get_call_recording(credentials["account_id"], call, recording)
    return [one.status, one.media_url, one.transcription.status if one.transcription else None]


def conferences(credentials):
    return ConferencesApi(open_api(credentials).api_client)


def list_conference(credentials, conference):
    items = conferences(credentials).list_conference_recordings(credentials["account_id"], conference)
    return [[item.conference_id, item.name, item.recording_id] for item in items]


def get_conference(credentials, conference, recording):
    one = conferences(credentials).get_conference_recording(credentials["account_id"], conference, recording)
    return {
        "recordingId": one.recording_id,
        "duration": one.duration,
        "channels": one.channels,
        "startTime": instant(one.start_time),
        "fileFormat": one.file_format,
        "status": one.status,
        "mediaUrl": one.media_url,
    }


def download_conference(credentials, conference, recording):
    api, account = conferences(credentials), credentials["account_id"]
    return bytes(api.download_conference_recording(account, conference, recording)).hex()


def set_state(credentials, call, state):
    wanted = bandwidth.UpdateCallRecording(state=state)
    return open_api(credentials).update_call_recording_state(credentials["account_id"], call, wanted)


def push(credentials, call, verb, attributes=None):
    renamed = {re.sub("([A-Z])", r"_\1", name).lower(): value for name, value in (attributes or {}).items()}
    document = bxml.Bxml([getattr(bxml, verb)(**renamed)]).to_bxml()
    return CallsApi(open_api(credentials).api_client).update_call_bxml(credentials["account_id"], call, document)


def tell(error):
    return {"status": error.status, "error": json.loads(error.body)["type"]}


converse(
    {
        "list": list_account,
        "list_call": list_call,
        "get": get,
        "download": download,
        "delete": delete,
        "transcript": transcript,
        "transcribe": transcribe,
        "delete_transcript": delete_transcript,
        "delete_media": delete_media,
        "status": status,
        "set_state": set_state,
        "push": push,
        "list_conference": list_conference,
        "get_conference": get_conference,
        "download_conference": download_conference,
    },
    bandwidth.exceptions.ApiException,
    tell,
)
