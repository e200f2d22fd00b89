"""twilio 8 and 9: public keys, and what the client tells of encrypted recordings."""

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from conversing import converse
from laml import tell


def open_client(credentials):
    client = Client(credentials["account_sid"], credentials["auth_token"])
    client.api.base_url = client.accounts.base_url = credentials["twilio_base_url"]
    return client


def add_key(credentials, pem, name):
    return (
        open_client(credentials).accounts.v1.credentials.public_key.create(public_key=pem, friendly_name=name).sid[:2]
    )


def keys(credentials):
    return [key.friendly_name for key in open_client(credentials).accounts.v1.credentials.public_key.list()]


def details(credentials, recording):
    return open_client(credentials).recordings(recording).fetch().encryption_details


converse({"add_key": add_key, "keys": keys, "details": details}, TwilioException, tell)
