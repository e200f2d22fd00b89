"""Links that carry their own permission: what they open, when they die, and that nothing else opens."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from callvault.dialects.toolbox.links import LINK_PATH, check_link, link_to, media_link
from callvault.errors import LinkExpired, NotAllowed
from callvault.model.media import MediaFormat, RenditionSpec
from callvault.model.recording import MediaState, Status
from tests.unit.dialects.visits import NOW, TEA_ORDER, TERMS, recording

KEY = b"k" * 32
WAV = RenditionSpec(format=MediaFormat.WAV)


def parts_of(link: str) -> dict[str, str | None]:
    split = urlsplit(link)
    query = {name: values[0] for name, values in parse_qs(split.query).items()}
    return {
        "name": split.path.rpartition("/")[2],
        "expires": query["expires"],
        "channels": query.get("channels"),
        "signature": query["signature"],
    }


def opened(parts: dict[str, str | None], *, now: datetime = NOW, key: bytes = KEY) -> tuple[UUID, RenditionSpec]:
    name, expires, signature = parts["name"], parts["expires"], parts["signature"]
    assert name is not None
    assert expires is not None
    assert signature is not None
    return check_link(name, expires, parts["channels"], signature, now=now, key=key)


def link(spec: RenditionSpec = WAV) -> str:
    return media_link("https://vault.example.net", TEA_ORDER.id, spec, now=NOW, key=KEY)


def test_a_link_is_an_address_without_secrets() -> None:
    split = urlsplit(link())
    assert (split.scheme, split.netloc) == ("https", "vault.example.net")
    assert split.path == f"{LINK_PATH}/{TEA_ORDER.id}.wav"
    assert KEY.decode() not in link()


@pytest.mark.parametrize("channels", [None, 1, 2])
@pytest.mark.parametrize("form", MediaFormat)
def test_a_link_opens_what_it_names(form: MediaFormat, channels: int | None) -> None:
    spec = RenditionSpec(format=form, channels=channels)
    assert opened(parts_of(link(spec))) == (TEA_ORDER.id, spec)


def test_a_link_lives_ten_minutes() -> None:
    parts = parts_of(link())
    assert opened(parts, now=NOW + timedelta(minutes=9, seconds=59))
    with pytest.raises(LinkExpired):
        opened(parts, now=NOW + timedelta(minutes=10))


def test_a_link_of_another_house_does_not_open() -> None:
    with pytest.raises(NotAllowed):
        opened(parts_of(link()), key=b"o" * 32)


@pytest.mark.parametrize(
    "change",
    [
        {"name": f"{TEA_ORDER.id}.mp3"},
        {"name": f"{str(TEA_ORDER.id).upper()}.wav"},
        {"name": f"{TEA_ORDER.call_id}.wav"},
        {"name": str(TEA_ORDER.id)},
        {"name": f"{TEA_ORDER.id}.exe"},
        {"name": ""},
        {"expires": "99999999999"},
        {"expires": "0" + str(int(NOW.timestamp()) + 600)},
        {"expires": "+" + str(int(NOW.timestamp()) + 600)},
        {"expires": "9" * 5_000},
        {"expires": "soon"},
        {"expires": ""},
        {"channels": "1"},
        {"channels": "0"},
        {"channels": ""},
        {"signature": ""},
        {"signature": "ä" * 32},
        {"signature": "\udcff" * 32},
    ],
    ids=repr,
)
def test_a_changed_link_does_not_open(change: dict[str, str | None]) -> None:
    with pytest.raises(NotAllowed):
        opened({**parts_of(link()), **change})


def test_the_channels_are_signed_too() -> None:
    parts = parts_of(link(RenditionSpec(format=MediaFormat.WAV, channels=1)))
    for channels in (None, "2", "01"):
        with pytest.raises(NotAllowed):
            opened({**parts, "channels": channels})


def test_a_recording_has_a_link_while_there_is_something_to_hear() -> None:
    made = link_to(TEA_ORDER, MediaFormat.MP3, TERMS)
    assert made is not None
    spec = RenditionSpec(format=MediaFormat.MP3)
    assert opened(parts_of(made), key=TERMS.link_key) == (TEA_ORDER.id, spec)
    assert link_to(recording(media_state=MediaState.PARTIAL), MediaFormat.MP3, TERMS) is not None


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Status.PROCESSING, MediaState.AWAITED),
        (Status.PROCESSING, MediaState.WHOLE),
        (Status.AVAILABLE, MediaState.DELETED),
        (Status.FAILED, MediaState.ABSENT),
    ],
)
def test_nothing_to_hear_has_no_link(status: Status, state: MediaState) -> None:
    assert link_to(recording(status=status, media_state=state), MediaFormat.WAV, TERMS) is None
