"""twilio 9 and 8, signalwire 2: their check of status callbacks."""

from urllib.parse import parse_qsl

from conversing import converse

try:
    from signalwire.request_validator import RequestValidator
except ImportError:
    from twilio.request_validator import RequestValidator


def validate(credentials, key, url, body, signature):
    fields = dict(parse_qsl(body, keep_blank_values=True))
    if not RequestValidator(credentials[key]).validate(url, fields, signature):
        return {"refused": "it is not valid"}
    return {"status": fields.get("RecordingStatus"), "recording": fields.get("RecordingSid")}


converse({"validate": validate}, (), str)
