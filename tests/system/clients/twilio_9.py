"""twilio 8 and 9."""

from twilio.rest import Client

from laml import talk


def open_client(credentials):
    user, secret = credentials["account_sid"], credentials["auth_token"]
    if credentials.get("by_key"):
        user, secret = credentials["api_key_sid"], credentials["api_key_secret"]
    client = Client(user, secret, credentials["account_sid"])
    client.api.base_url = credentials["twilio_base_url"]
    return client


talk(open_client)
