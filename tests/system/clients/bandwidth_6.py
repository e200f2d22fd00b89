"""bandwidth-sdk 6: its recordings vocabulary."""

import json

from bandwidth.bandwidth_client import BandwidthClient
from bandwidth.configuration import Environment
from bandwidth.exceptions.api_exception import APIException
from bandwidth.voice.models.modify_call_recording_state import ModifyCallRecordingState

from conversing import converse, instant

PARAMETERS = {"from": "mfrom", "to": "to", "minStartTime": "min_start_time", "maxStartTime": "max_start_time"}


def open_api(credentials):
    client = BandwidthClient(
        environment=Environment.CUSTOM,
        max_retries=0,  # a limit is to be seen, and not waited for
        base_url=credentials["base_url"].removesuffix("/api/v2"),  # which this generation adds
        voice_basic_auth_user_name=credentials["username"],
        voice_basic_auth_password=credentials["password"],
    )
    return client.voice_client.client


def ids(items):
    return [item.recording_id for item in items]


def list_account(credentials, **filters):
    renamed = {PARAMETERS[name]: value for name, value in filters.items()}
    return ids(open_api(credentials).get_query_metadata_for_account(credentials["account_id"], **renamed).body)


def list_call(credentials, call):
    return ids(open_api(credentials).get_query_metadata_for_account_and_call(credentials["account_id"], call).body)


def get(credentials, call, recording):
    one = open_api(credentials).get_metadata_for_recording(credentials["account_id"], call, recording).body
    return {
        "accountId": one.account_id,
        "callId": one.call_id,
        "parentCallId": one.parent_call_id,
        "recordingId": one.recording_id,
        "from": one.mfrom,
        "to": one.to,
        "direction": one.direction,
        "channels": one.channels,
        "duration": one.duration,
        "startTime": instant(one.start_time.datetime),
        "endTime": instant(one.end_time.datetime),
        "fileFormat": one.file_format,
        "status": one.status,
        "mediaUrl": one.media_url,
        "transcription": one.transcription.status if one.transcription else None,
    }


def download(credentials, call, recording):
    return open_api(credentials).get_stream_recording_media(credentials["account_id"], call, recording).body.hex()


def delete(credentials, call, recording):
    return open_api(credentials).delete_recording(credentials["account_id"], call, recording).body


def transcript(credentials, call, recording):
    answer = open_api(credentials).get_recording_transcription(credentials["account_id"], call, recording).body
    return [[one.text, one.confidence] for one in answer.transcripts]


def transcribe(credentials, call, recording):
    wanted = {"callbackTimeout": 20, "tag": "order 7"}
    return open_api(credentials).create_transcribe_recording(credentials["account_id"], call, recording, wanted).body


def delete_transcript(credentials, call, recording):
    return open_api(credentials).delete_recording_transcription(credentials["account_id"], call, recording).body


def delete_media(credentials, call, recording):
    return open_api(credentials).delete_recording_media(credentials["account_id"], call, recording).body


def status(credentials, call, recording):
    one = open_api(credentials).get_metadata_for_recording(credentials["account_id"], call, recording).body
    return [one.status, one.media_url, one.transcription.status if one.transcription else None]


def list_conference(credentials, conference):
    api = open_api(credentials)
    items = api.get_query_metadata_for_account_and_conference(credentials["account_id"], conference).body
    return [[item.conference_id, item.name, item.recording_id] for item in items]


def get_conference(credentials, conference, recording):
    api = open_api(credentials)
    one = api.get_metadata_for_conference_recording(credentials["account_id"], conference, recording).body
    return {
        "recordingId": one.recording_id,
        "duration": one.duration,
        "channels": one.channels,
        "startTime": instant(one.start_time.datetime),
        "fileFormat": one.file_format,
        "status": one.status,
        "mediaUrl": one.media_url,
    }


def download_conference(credentials, conference, recording):
    api = open_api(credentials)
    return api.get_stream_conference_recording_media(credentials["account_id"], conference, recording).body.hex()


def set_state(credentials, call, state):
    wanted = ModifyCallRecordingState(state=state)
    return open_api(credentials).modify_call_recording_state(credentials["account_id"], call, wanted).body


def tell(error):
    body = json.loads(error.response.text)  # on 401 the exception does not take it apart
    return {"status": error.response_code, "error": getattr(error, "mtype", body["type"])}


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
        "list_conference": list_conference,
        "get_conference": get_conference,
        "download_conference": download_conference,
    },
    APIException,
    tell,
)
