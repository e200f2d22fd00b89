"""Twilio's XML."""

from __future__ import annotations

from callvault.dialects.signalwire.xml import xml_list_reply, xml_reply
from callvault.wire import WireReply


def text(reply: WireReply) -> str:
    assert isinstance(reply.body, bytes)
    return reply.body.decode()


def test_a_document_has_the_keys_in_capitals() -> None:
    reply = xml_reply(
        "recording",
        {"sid": "RE1", "date_created": "now", "channels": 2, "price": None, "subresource_uris": {"add_on": "/a"}},
        status=418,
        headers=(("x-tea", "green"),),
    )
    assert (reply.status, reply.headers) == (
        418,
        (("content-type", "application/xml; charset=utf-8"), ("x-tea", "green")),
    )
    assert text(reply) == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        "<TwilioResponse><Recording><Sid>RE1</Sid><DateCreated>now</DateCreated><Channels>2</Channels><Price/>"
        "<SubresourceUris><AddOn>/a</AddOn></SubresourceUris></Recording></TwilioResponse>"
    )


def test_a_list_has_its_paging_in_attributes() -> None:
    paging = {"page": 0, "page_size": 50, "next_page_uri": None, "uri": '/R?a=1&b="2"'}
    assert text(xml_list_reply("recordings", [{"sid": "RE1"}, {"sid": "RE2"}], paging)).endswith(
        '<TwilioResponse><Recordings nextpageuri="" page="0" pagesize="50" uri=\'/R?a=1&amp;b="2"\'>'
        "<Recording><Sid>RE1</Sid></Recording><Recording><Sid>RE2</Sid></Recording></Recordings></TwilioResponse>"
    )
    assert text(xml_list_reply("recordings", [], {"page": 0})).endswith(
        '<TwilioResponse><Recordings page="0"/></TwilioResponse>'
    )
