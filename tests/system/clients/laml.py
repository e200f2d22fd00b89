"""The recordings vocabulary of Twilio's Python client, and of SignalWire's, which is made of it."""

import datetime
import json

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException

from conversing import converse, instant

TIMES = ("date_created", "date_created_before", "date_created_after")


def scope(client, call=None, conference=None):
    """Where recordings are looked for: the account, a call or a conference."""
    if call is not None:
        return client.calls(call).recordings
    return client.recordings if conference is None else client.conferences(conference).recordings


def sids(items):
    return [item.sid for item in items]


def moment(text):
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return text  # the client passes on what is no time


def tell(error):
    if isinstance(error, TwilioRestException):
        return {"status": error.status, "code": error.code}
    response = error.args[1]  # what the client raises when it cannot fetch a page
    return {"status": response.status_code, "code": json.loads(response.text)["code"]}


def talk(open_client):
    """``open_client``: a client for credentials."""

    def list_(credentials, call=None, conference=None, **filters):
        given = {name: moment(value) if name in TIMES else value for name, value in filters.items()}
        return sids(scope(open_client(credentials), call, conference).list(**given))

    def pages(credentials, page_size):
        """Each page's sids, forwards to the end and back again."""
        page = open_client(credentials).recordings.page(page_size=page_size)
        walked, last = [], None
        while page is not None:
            walked.append(sids(page))
            last, page = page, page.next_page()
        page = last.previous_page()
        while page is not None:
            walked.append(sids(page))
            page = page.previous_page()
        return walked

    def get(credentials, recording, call=None, conference=None):
        one = scope(open_client(credentials), call, conference)(recording).fetch()
        return {
            "sid": one.sid,
            "account_sid": one.account_sid,
            "call_sid": one.call_sid,
            "conference_sid": one.conference_sid,
            "api_version": one.api_version,
            "channels": one.channels,
            "duration": one.duration,
            "source": one.source,
            "status": one.status,
            "price": one.price,
            "error_code": one.error_code,
            "start_time": instant(one.start_time),
            "date_created": instant(one.date_created),
            "date_updated": instant(one.date_updated) is not None,
            "uri": one.uri,
        }

    def under_way(one):
        return [one.sid, one.status, one.channels, one.duration, one.source]

    def start(credentials, call, **given):
        return under_way(open_client(credentials).calls(call).recordings.create(**given))

    def update(credentials, recording, call=None, conference=None, **given):
        return under_way(scope(open_client(credentials), call, conference)(recording).update(**given))

    def delete(credentials, recording, call=None, conference=None):
        return scope(open_client(credentials), call, conference)(recording).delete()

    def written(item):
        return [item.recording_sid, item.status, item.transcription_text]

    def transcriptions_of(credentials, recording):
        client = open_client(credentials)
        return client.transcriptions if recording is None else client.recordings(recording).transcriptions

    def transcriptions(credentials, recording=None, **given):
        return [written(item) for item in transcriptions_of(credentials, recording).list(**given)]

    def transcription(credentials, recording=None, sid=None):
        """By its sid, or the first of a list."""
        found = transcriptions_of(credentials, recording)
        return written(found(sid or found.list()[0].sid).fetch())

    def delete_transcription(credentials, recording=None, sid=None):
        found = transcriptions_of(credentials, recording)
        return found(sid or found.list()[0].sid).delete()

    def status_of_deleted(credentials, recording):
        return open_client(credentials).recordings(recording).fetch(include_soft_deleted=True).status

    def media_url(credentials, recording):
        return open_client(credentials).recordings(recording).fetch().media_url

    def fetch(credentials, url):
        """As an app does it: the client has no download."""
        reply = requests.get(url, timeout=20)
        reply.raise_for_status()
        return reply.content.hex()

    def status(credentials, url):
        return requests.get(url, timeout=20).status_code

    deeds = (
        list_, pages, get, delete, transcriptions, transcription, delete_transcription, status_of_deleted, media_url,
        fetch, status, start, update,
    )  # fmt: skip
    converse({deed.__name__.rstrip("_"): deed for deed in deeds}, TwilioException, tell)
