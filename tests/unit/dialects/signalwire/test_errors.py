"""Refusals in both tongues, in JSON and in Twilio's XML."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from callvault import errors
from callvault.dialects.signalwire.errors import refuse
from callvault.wire import WireReply, WireRequest
from tests.unit.dialects.signalwire.asking import BOTH, PROJECT, TWILIO, asking, named
from tests.unit.dialects.visits import TERMS, document, every_error, header

ACCOUNTS = pytest.mark.parametrize("account", BOTH)


def refused(error: errors.CallvaultError, path: str, **how: Any) -> WireReply:
    return refuse(error, asking(path, **how).request, TERMS)


def told(error: errors.CallvaultError, path: str, **how: Any) -> tuple[int, int, str]:
    reply = refused(error, path, **how)
    fields = document(reply)
    assert reply.status == fields["status"]
    return fields["status"], fields["code"], fields["message"]


@ACCOUNTS
@pytest.mark.parametrize("error", every_error(), ids=repr)
def test_every_error_has_the_vendors_shape(account: str, error: errors.CallvaultError) -> None:
    reply = refused(error, f"{account}/Recordings.json")
    assert header(reply, "content-type") == "application/json; charset=utf-8"
    fields = document(reply)
    assert 400 <= reply.status <= 599
    assert (reply.status >= 500) is not isinstance(error, errors.CallerError)
    assert set(fields) - {"detail"} == {"code", "message", "more_info", "status"}
    assert ("detail" in fields) == (account == TWILIO and reply.status == 401)
    assert isinstance(fields["code"], int)
    assert fields["status"] == reply.status
    assert fields["message"]
    assert fields["more_info"].startswith("https://")


@pytest.mark.parametrize("error", every_error(), ids=repr)
def test_every_error_has_twilios_xml(error: errors.CallvaultError) -> None:
    reply = refused(error, named(TWILIO))
    assert header(reply, "content-type") == "application/xml; charset=utf-8"
    assert isinstance(reply.body, bytes)
    (exception,) = ET.fromstring(reply.body)
    assert exception.tag == "RestException"
    expected = ["Code", "Detail", "Message", "MoreInfo", "Status"]
    if reply.status != 401:
        expected.remove("Detail")
    assert [element.tag for element in exception] == expected
    assert exception.findtext("Status") == str(reply.status)


@pytest.mark.parametrize(
    ("error", "signalwire", "twilio"),
    [
        (errors.NotAuthenticated(), (401, 20003), (401, 20003)),
        (errors.NotAllowed("This key may not delete."), (401, 20003), (403, 20003)),
        (errors.NotFound("recording", "x"), (404, 20404), (404, 20404)),
        (errors.NotOffered("GET", "/x"), (404, 20404), (404, 20404)),
        (errors.NotOffered("PUT", "/x", allowed=("GET",)), (405, 20004), (405, 20004)),
        (errors.Gone("It is gone."), (404, 20404), (404, 20404)),
        (errors.LinkExpired("It has run out."), (404, 20404), (404, 20404)),
        (errors.Conflict("It has one channel."), (400, 10000), (400, 20001)),
        (errors.BadRequest("no"), (400, 10000), (400, 20001)),
        (errors.BadRequest("no", field="CallSid"), (400, 10000), (400, 20001)),
        (errors.BadRequest("no", field="PageSize"), (400, 54454), (400, 20007)),
        (errors.BadRequest("no", field="PageToken"), (400, 54453), (400, 21481)),
        (errors.BadRequest("no", field="Page"), (400, 54453), (400, 20001)),
        (errors.NotAudio("no"), (400, 10000), (400, 20001)),
        (errors.TooLarge("Too large."), (413, 10000), (413, 20001)),
        (errors.TooMany("Slow down.", after_s=3), (429, 20429), (429, 20429)),
        (errors.CatalogueError("The database is away."), (500, 20504), (500, 20500)),
        (errors.OperatorError("It is configured wrongly."), (500, 20504), (500, 20500)),
    ],
    ids=repr,
)
def test_statuses_and_codes(error: errors.CallvaultError, signalwire: tuple[int, int], twilio: tuple[int, int]) -> None:
    assert told(error, f"{PROJECT}/Recordings.json")[:2] == signalwire
    assert told(error, f"{TWILIO}/Recordings.json")[:2] == twilio


@ACCOUNTS
def test_what_cannot_be_deleted_yet(account: str) -> None:
    error = errors.Conflict("A recording that is capturing cannot become deleted.")
    assert told(error, f"{named(account)}.json", method="DELETE") == (409, 20009, str(error))


def test_who_showed_what() -> None:
    basic = {"authorization": "Basic eDp5"}
    missing = errors.NotAuthenticated()
    assert told(missing, f"{PROJECT}/Recordings")[2] == "Authentication failed"
    assert told(missing, f"{PROJECT}/Recordings", headers=basic)[2] == "Authentication failed"
    none = told(missing, f"{TWILIO}/Recordings.json")[2]
    assert none == "Authentication Error - No credentials provided"
    assert told(missing, f"{TWILIO}/Recordings.json", headers=basic)[2] == "Authenticate"


def test_twilios_refusals_link_to_their_code() -> None:
    fields = document(refused(errors.NotFound("recording", "x"), f"{TWILIO}/Recordings/x.json"))
    assert fields == {
        "code": 20404,
        "message": f"The requested resource {TWILIO}/Recordings/x.json was not found",
        "more_info": "https://www.twilio.com/docs/errors/20404",
        "status": 404,
    }


def test_an_xml_refusal_to_the_letter() -> None:
    reply = refused(errors.NotFound("recording", "x"), f"{TWILIO}/Recordings/RE1")
    assert reply.body == (
        b"<?xml version='1.0' encoding='UTF-8'?>\n"
        b"<TwilioResponse><RestException><Code>20404</Code><Message>The requested resource "
        + TWILIO.encode()
        + b"/Recordings/RE1 was not found</Message><MoreInfo>https://www.twilio.com/docs/errors/20404</MoreInfo>"
        b"<Status>404</Status></RestException></TwilioResponse>"
    )


def test_signalwire_never_answers_xml() -> None:
    for ending in ("", ".wav", ".mp3", ".json"):
        reply = refused(errors.NotFound("recording", "x"), named(PROJECT) + ending)
        assert header(reply, "content-type") == "application/json; charset=utf-8"


def test_what_went_wrong_inside_stays_inside() -> None:
    for account in BOTH:
        message = told(errors.CatalogueError("connection to 10.0.0.7 refused"), f"{account}/Recordings.json")[2]
        assert "10.0.0.7" not in message


def test_headers_that_tell_what_to_do() -> None:
    def hint(error: errors.CallvaultError, name: str) -> str | None:
        return header(refused(error, named(TWILIO)), name)

    assert hint(errors.NotAuthenticated(), "www-authenticate") == 'Basic realm="callvault"'
    assert hint(errors.TooMany("Slow down.", after_s=2.4), "retry-after") == "3"
    assert hint(errors.NotOffered("PUT", "/x", allowed=("DELETE", "GET")), "allow") == "DELETE, GET"


def test_a_request_of_which_nothing_is_known_is_refused_too() -> None:
    reply = refuse(errors.TooLarge("Too large."), WireRequest(method="", path=""), TERMS)
    assert (reply.status, document(reply)["code"]) == (413, 10000)
