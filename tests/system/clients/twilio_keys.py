"""twilio 8 and 9: public keys for encryption, and what is told of a recording that was encrypted with one."""

import requests
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from conversing import converse, instant
from laml import tell


def open_client(credentials):
    client = Client(credentials["account_sid"], credentials["auth_token"])
    client.api.base_url = client.accounts.base_url = credentials["twilio_base_url"]
    return client


def open_keys(credentials):
    return open_client(credentials).accounts.v1.credentials.public_key


def shown(key):
    return {"sid": key.sid, "name": key.friendly_name, "created": instant(key.date_created) is not None}


def create_key(credentials, public_key, friendly_name):
    return shown(open_keys(credentials).create(public_key=public_key, friendly_name=friendly_name))


def keys(credentials, **given):
    return [key.sid for key in open_keys(credentials).list(**given)]


def get_key(credentials, sid):
    return shown(open_keys(credentials)(sid).fetch())


def rename_key(credentials, sid, friendly_name):
    return shown(open_keys(credentials)(sid).update(friendly_name=friendly_name))


def delete_key(credentials, sid):
    return open_keys(credentials)(sid).delete()


def encrypted(credentials, ending):
    """The only recording of which the list says so: what is told of it, and its media as an app fetches it."""
    client = open_client(credentials)
    (listed,) = [one for one in client.recordings.list() if one.encryption_details is not None]
    one = client.recordings(listed.sid).fetch()
    reply = requests.get(one.media_url + ending, timeout=20)
    reply.raise_for_status()
    return {"listed": listed.encryption_details, "details": one.encryption_details, "content": reply.content.hex()}


deeds = (create_key, keys, get_key, rename_key, delete_key, encrypted)
converse({deed.__name__: deed for deed in deeds}, TwilioException, tell)
