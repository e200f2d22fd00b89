"""What Bird's clients are shown: every key, what is left out, the two sides of a call, tokens, redirects."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from callvault.dialects.bird import replies, requests
from callvault.dialects.contract import Visit
from callvault.dialects.toolbox.links import check_link
from callvault.errors import NotFound
from callvault.model.actor import Scope
from callvault.model.media import MediaFormat, RenditionSpec
from callvault.model.party import NOBODY, Party
from callvault.model.query import Position
from callvault.model.recording import Direction, MediaState, Origin, Recording, Source, Status
from tests.unit.dialects.visits import ALICE, NOW, TEA_ORDER, TERMS, document, header, page, recording, visit

CHANNEL = "880d8171-0000-4000-8000-000000000001"
CONFERENCE = UUID("019ca884-2a00-7c0f-8c0f-000000000009")
REQUIRED = {
    "id", "source", "sourceId", "status", "origin", "stereo", "format", "transcription", "createdAt", "updatedAt"
}  # fmt: skip
SAMPLE = [
    "id", "sourceId", "channelId", "originator", "receiver", "source", "direction", "origin", "status", "duration",
    "format", "stereo", "transcription", "url", "createdAt", "updatedAt", "startedAt", "endedAt",
]  # fmt: skip


def asking(query: str = "", *, name: str = str(TEA_ORDER.id), channel: str = CHANNEL, **terms: Any) -> Visit:
    parts = {"workspace": str(ALICE.id), "recording": name, "channel": channel, "call": str(TEA_ORDER.call_id)}
    return visit(f"/?{query}", parts=parts, **terms)


def shown(item: Recording, **terms: Any) -> Any:
    return document(replies.say_one(item, asking(**terms)))


def opened(link: str) -> tuple[UUID, RenditionSpec]:
    split = urlsplit(link)
    query = parse_qs(split.query)
    assert f"{split.scheme}://{split.netloc}" == TERMS.base_url
    return check_link(
        split.path.rpartition("/")[2],
        query["expires"][0],
        None,
        query["signature"][0],
        now=NOW + timedelta(minutes=9, seconds=58),
        key=TERMS.link_key,
    )


def test_every_key_of_the_sample_in_its_order() -> None:
    item = recording(
        connection_id=CHANNEL,
        direction=Direction.OUTBOUND,
        origin=Origin.CALL_CREATION,
        caller=Party(number="+31970044994", kind="pstn", country="NL"),
        callee=Party(
            number="+351919150",
            country="PT",
            contact_id="225dcb7c-0000-4000-8000-000000000001",
            contact_key="phonenumber",
            contact_value="+351919150",
        ),
        channels=1,
        format=MediaFormat.MP3,
        duration_ms=29_980,
    )
    fields = shown(item)
    assert list(fields) == SAMPLE
    assert opened(fields.pop("url")) == (item.id, RenditionSpec(format=MediaFormat.MP3))
    assert fields == {
        "id": "019ca884-2a00-7111-8222-333344445555",
        "sourceId": "019ca884-2a00-7aaa-8bbb-ccccddddeeee",
        "channelId": CHANNEL,
        "originator": {
            "number": {"type": "pstn", "number": "31970044994", "identity": "+31970044994", "countryIsoCode": "NL"}
        },
        "receiver": {
            "contact": {
                "id": "225dcb7c-0000-4000-8000-000000000001",
                "identifierKey": "phonenumber",
                "identifierValue": "+351919150",
            },
            "number": {"type": "pstn", "number": "351919150", "countryIsoCode": "PT"},
        },
        "source": "call",
        "direction": "outgoing",
        "origin": "create-call",
        "status": "available",
        "duration": 29,
        "format": "mp3",
        "stereo": False,
        "transcription": False,
        "createdAt": "2026-03-01T09:01:05.001Z",
        "updatedAt": "2026-03-01T09:01:06.002Z",
        "startedAt": "2026-03-01T09:00:02.114Z",
        "endedAt": "2026-03-01T09:01:03.354Z",
    }


def test_a_conference_and_what_only_the_vendor_knows() -> None:
    item = recording(
        source=Source.CONFERENCE,
        conference_id=CONFERENCE,
        extras={"bird": {"roomInfoUrl": "https://rooms.example.net/9", "transcription": True}},
    )
    fields = shown(item)
    assert fields["source"] == "conference"
    assert fields["sourceId"] == fields["conferenceId"] == str(CONFERENCE)
    assert fields["roomInfoUrl"] == "https://rooms.example.net/9"
    assert fields["transcription"] is True
    assert fields["stereo"] is True
    keys = list(fields)
    assert keys[keys.index("transcription") : keys.index("createdAt") + 1] == [
        "transcription", "conferenceId", "url", "roomInfoUrl", "createdAt"
    ]  # fmt: skip


def test_a_leg_within_a_conference_is_a_call() -> None:
    fields = shown(recording(conference_id=CONFERENCE))
    assert (fields["sourceId"], fields["conferenceId"]) == (str(TEA_ORDER.call_id), str(CONFERENCE))


def test_what_is_unknown_is_left_out() -> None:
    item = recording(
        caller=NOBODY,
        callee=NOBODY,
        connection_id=None,
        status=Status.CAPTURING,
        media_state=MediaState.AWAITED,
        ended_at=None,
        duration_ms=0,
    )
    fields = shown(item)
    assert set(fields) == REQUIRED | {"direction", "duration", "startedAt"}
    assert fields["status"] == "ongoing"
    assert None not in fields.values()


def test_a_connection_that_is_no_uuid_cannot_be_said() -> None:
    assert "channelId" not in shown(recording(connection_id="2100000000000000001"))


@pytest.mark.parametrize(
    ("party", "expected"),
    [
        (
            Party(number="+15550100"),
            {"number": {"type": "pstn", "number": "15550100", "identity": "+15550100"}},
        ),
        (
            Party(number="+15550100", name="Ruth", anonymous=False, identity="ruth", kind="mobile", country="US"),
            {
                "number": {
                    "type": "mobile",
                    "number": "15550100",
                    "anonymous": False,
                    "callerIdName": "Ruth",
                    "identity": "ruth",
                    "countryIsoCode": "US",
                }
            },
        ),
        (Party(number="1001"), {"number": {"number": "1001"}}),
        (Party(number="sip:ruth@pbx", kind="sip"), {"number": {"type": "sip", "number": "sip:ruth@pbx"}}),
        (Party(anonymous=True), {"number": {"anonymous": True}}),
        (Party(contact_id="7"), {"contact": {"id": "7"}}),
    ],
)
def test_a_party(party: Party, expected: dict[str, Any]) -> None:
    fields = shown(recording(caller=party, callee=NOBODY))
    assert fields["originator"] == expected
    assert list(fields["originator"].get("number", {})) == list(expected.get("number", {}))
    assert "receiver" not in fields
    assert shown(recording(caller=NOBODY, callee=party))["receiver"] == expected


def test_ids_that_the_vendor_gave_are_kept() -> None:
    given = {
        "recording": "11111111-2222-4333-8444-555555555555",
        "call": "11111111-2222-4333-8444-666666666666",
        "conference": "11111111-2222-4333-8444-777777777777",
    }
    fields = shown(recording(foreign={"bird": given}))
    assert (fields["id"], fields["sourceId"]) == (given["recording"], given["call"])
    assert fields["conferenceId"] == given["conference"]
    assert shown(recording(foreign={"bird": given}, source=Source.CONFERENCE))["sourceId"] == given["conference"]


@pytest.mark.parametrize(
    ("kept", "called"),
    [
        (MediaFormat.WAV, MediaFormat.WAV),
        (MediaFormat.MP3, MediaFormat.MP3),
        (MediaFormat.OGG, MediaFormat.MP3),
        (MediaFormat.FLAC, MediaFormat.WAV),
    ],
)
def test_the_link_opens_what_the_format_says(kept: MediaFormat, called: MediaFormat) -> None:
    fields = shown(recording(format=kept))
    assert fields["format"] == called.value
    assert opened(fields["url"]) == (TEA_ORDER.id, RenditionSpec(format=called))


def test_there_is_no_link_to_nothing_and_none_for_who_may_not_listen() -> None:
    assert "url" not in shown(recording(status=Status.FAILED, media_state=MediaState.ABSENT))
    assert "url" not in shown(recording(media_state=MediaState.DELETED))
    assert "url" not in shown(TEA_ORDER, scopes=frozenset({Scope.READ}))


@pytest.mark.parametrize(
    ("status", "state", "word"),
    [
        (Status.AVAILABLE, MediaState.PARTIAL, "available"),
        (Status.AVAILABLE, MediaState.DELETED, "absent"),
        (Status.FAILED, MediaState.ABSENT, "failed"),
        (Status.PROCESSING, MediaState.WHOLE, "completed"),
    ],
)
def test_erased_audio_shows_through_the_status(status: Status, state: MediaState, word: str) -> None:
    item = recording(status=status, media_state=state)
    assert shown(item)["status"] == word
    assert document(replies.say_one_of_call(item, asking()))["status"] == word


def test_the_last_page_has_no_token() -> None:
    here = asking()
    reply = replies.say_list(page(TEA_ORDER, query=requests.recordings(here).query), here)
    assert reply.status == 200
    assert header(reply, "content-type") == "application/json; charset=UTF-8"
    assert document(reply) == {"results": [shown(TEA_ORDER)]}


def test_an_empty_page() -> None:
    here = asking()
    assert document(replies.say_list(page(query=requests.recordings(here).query), here)) == {"results": []}


def test_a_token_leads_to_what_follows() -> None:
    here = asking("limit=1&direction=incoming")
    place = Position(at=TEA_ORDER.created_at, id=CONFERENCE)
    query = requests.recordings(here).query
    body = document(replies.say_list(page(TEA_ORDER, query=query, more=True, next=place), here))
    assert list(body) == ["results", "nextPageToken"]
    following = requests.recordings(asking(f"pageToken={body['nextPageToken']}")).query
    assert (following.at, following.limit, following.direction) == (place, 1, Direction.INBOUND)


@pytest.mark.parametrize("form", [MediaFormat.MP3, MediaFormat.WAV])
def test_an_extension_redirects_to_the_audio(form: MediaFormat) -> None:
    reply = replies.say_one(TEA_ORDER, asking(name=f"{TEA_ORDER.id}.{form}"))
    location = header(reply, "location")
    assert (reply.status, reply.body) == (307, b"")
    assert location is not None
    assert opened(location) == (TEA_ORDER.id, RenditionSpec(format=form))


def test_there_is_no_redirect_to_nothing() -> None:
    with pytest.raises(NotFound):
        replies.say_one(recording(status=Status.PROCESSING), asking(name=f"{TEA_ORDER.id}.mp3"))


def test_a_deletion_says_nothing() -> None:
    reply = replies.say_deleted(TEA_ORDER, asking(method="DELETE"))
    assert (reply.status, reply.body) == (204, b"")


CALLS_OWN = {
    "id": "019ca884-2a00-7111-8222-333344445555",
    "callId": "019ca884-2a00-7aaa-8bbb-ccccddddeeee",
    "channelId": CHANNEL,
    "status": "available",
    "origin": "call-command-record-call",
    "duration": 61,
    "stereo": True,
    "createdAt": "2026-03-01T09:01:05.001Z",
    "updatedAt": "2026-03-01T09:01:06.002Z",
    "startedAt": "2026-03-01T09:00:02.114Z",
    "endedAt": "2026-03-01T09:01:03.354Z",
}


def test_a_calls_recording_has_a_shape_of_its_own() -> None:
    assert document(replies.say_one_of_call(recording(connection_id=CHANNEL), asking())) == CALLS_OWN


def test_one_that_goes_on_ends_at_gos_zero_time() -> None:
    live = recording(status=Status.PAUSED, ended_at=None, duration_ms=0)
    fields = document(replies.say_one_of_call(live, asking()))
    assert (fields["status"], fields["duration"], fields["endedAt"]) == ("paused", 0, "0001-01-01T00:00:00Z")
    assert "channelId" not in fields


def test_a_call_is_looked_for_on_its_channel() -> None:
    item = recording(connection_id=CHANNEL)
    for channel in ("880d8171-0000-4000-8000-000000000002", "main"):
        elsewhere = asking(channel=channel)
        with pytest.raises(NotFound):
            replies.say_one_of_call(item, elsewhere)
        listing = page(item, query=requests.recordings_of_call(elsewhere).query)
        assert document(replies.say_list_of_call(listing, elsewhere)) == {"results": []}


def test_a_list_of_a_call() -> None:
    here = asking(channel=CHANNEL.upper())
    listing = page(recording(connection_id=CHANNEL), query=requests.recordings_of_call(here).query)
    assert document(replies.say_list_of_call(listing, here)) == {"results": [CALLS_OWN]}


def test_its_names() -> None:
    url = f"https://vault.example.net/workspaces/{ALICE.id}/recordings/{TEA_ORDER.id}"
    assert replies.names(TEA_ORDER, ALICE, TERMS) == {
        "recording_id": str(TEA_ORDER.id),
        "source_id": str(TEA_ORDER.call_id),
        "call_id": str(TEA_ORDER.call_id),
        "url": url,
        "media_url": url + ".wav",
    }
