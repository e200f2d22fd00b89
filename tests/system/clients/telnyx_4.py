"""telnyx 4: its recordings vocabulary, and that of its TeXML mirror."""

import functools

import httpx
import telnyx

from conversing import converse


def open_client(credentials):
    return client_of(credentials["api_key"], credentials["base_url"])


@functools.cache
def client_of(api_key, base_url):
    return telnyx.Telnyx(api_key=api_key, base_url=base_url, max_retries=0)


downloader = httpx.Client()


def list_(credentials, **given):
    return [item.id for item in open_client(credentials).recordings.list(**given)]


def count(credentials):
    meta = open_client(credentials).recordings.list(page_size=2).meta
    return [meta.page_number, meta.page_size, meta.total_pages, meta.total_results]


def get(credentials, recording):
    one = open_client(credentials).recordings.retrieve(recording).data
    return {
        "id": one.id,
        "record_type": one.record_type,
        "call_control_id": one.call_control_id,
        "call_leg_id": one.call_leg_id,
        "call_session_id": one.call_session_id,
        "conference_id": one.conference_id,
        "connection_id": one.connection_id,
        "from": one.from_,
        "to": one.to,
        "channels": one.channels,
        "source": one.source,
        "initiated_by": one.initiated_by,
        "status": one.status,
        "duration_millis": one.duration_millis,
        "recording_started_at": one.recording_started_at,
        "recording_ended_at": one.recording_ended_at,
        "created_at": one.created_at,
    }


def listed(credentials, recording):
    [item] = [item for item in open_client(credentials).recordings.list() if item.id == recording]
    return [item.status, item.channels, item.duration_millis]


def download(credentials, recording, form):
    one = open_client(credentials).recordings.retrieve(recording).data
    reply = downloader.get(getattr(one.download_urls, form))
    return reply.raise_for_status().content.hex()


def delete(credentials, recording):
    return open_client(credentials).recordings.delete(recording).data.id


def delete_several(credentials, recordings):
    return open_client(credentials).recordings.actions.delete(ids=recordings).status


def written(item):
    return [item.id, item.recording_id, item.status, item.transcription_text, item.duration_millis]


def transcriptions(credentials, **given):
    return [written(item) for item in open_client(credentials).recording_transcriptions.list(**given)]


def transcription(credentials, transcription):
    return written(open_client(credentials).recording_transcriptions.retrieve(transcription).data)


def delete_transcription(credentials, transcription):
    return open_client(credentials).recording_transcriptions.delete(transcription).data.id


def texml_list(credentials, **given):
    answer = open_client(credentials).texml.accounts.retrieve_recordings_json(credentials["account_sid"], **given)
    return [item.sid for item in answer.recordings]


def texml_list_call(credentials, call):
    calls = open_client(credentials).texml.accounts.calls.recordings_json
    answer = calls.retrieve_recordings_json(call, account_sid=credentials["account_sid"])
    return [item.sid for item in answer.recordings]


def texml_list_conference(credentials, conference):
    conferences = open_client(credentials).texml.accounts.conferences
    with_ending = conferences.retrieve_recordings_json(conference, account_sid=credentials["account_sid"])
    without = conferences.retrieve_recordings(conference, account_sid=credentials["account_sid"])
    return [[item.sid for item in with_ending.recordings], [item.sid for item in without.recordings]]


def texml_get(credentials, recording):
    recordings = open_client(credentials).texml.accounts.recordings.json
    one = recordings.retrieve_recording_sid_json(recording, account_sid=credentials["account_sid"])
    return [one.sid, one.call_sid, one.channels, one.duration, one.status, one.source]


def texml_delete(credentials, recording):
    recordings = open_client(credentials).texml.accounts.recordings.json
    return recordings.delete_recording_sid_json(recording, account_sid=credentials["account_sid"])


def call_command(credentials, call, verb, **given):
    """``verb``: start, stop, pause or resume."""
    return getattr(open_client(credentials).calls.actions, f"{verb}_recording")(call, **given).data.result


def conference_command(credentials, conference, verb, **given):
    return getattr(open_client(credentials).conferences.actions, f"record_{verb}")(conference, **given).data.result


def texml_start(credentials, call, **given):
    calls = open_client(credentials).texml.accounts.calls.recordings_json
    one = calls.recordings_json(call, account_sid=credentials["account_sid"], **given)
    return [one.call_sid, one.channels, one.track, one.source]


def texml_update(credentials, call, recording, status):
    recordings = open_client(credentials).texml.accounts.calls.recordings
    one = recordings.recording_sid_json(recording, account_sid=credentials["account_sid"], call_sid=call, status=status)
    return one.sid


def texml_statuses(credentials, call):
    calls = open_client(credentials).texml.accounts.calls.recordings_json
    answer = calls.retrieve_recordings_json(call, account_sid=credentials["account_sid"])
    return {item.sid: item.status for item in answer.recordings}


def tell(error):
    first = error.body["errors"][0] if error.body else {}
    return {"status": error.status_code, "code": first.get("code")}


converse(
    {
        "list": list_,
        "count": count,
        "get": get,
        "listed": listed,
        "download": download,
        "delete": delete,
        "delete_several": delete_several,
        "transcriptions": transcriptions,
        "transcription": transcription,
        "delete_transcription": delete_transcription,
        "call_command": call_command,
        "conference_command": conference_command,
        "texml_start": texml_start,
        "texml_update": texml_update,
        "texml_statuses": texml_statuses,
        "texml_list": texml_list,
        "texml_list_call": texml_list_call,
        "texml_list_conference": texml_list_conference,
        "texml_get": texml_get,
        "texml_delete": texml_delete,
    },
    telnyx.APIStatusError,
    tell,
)
