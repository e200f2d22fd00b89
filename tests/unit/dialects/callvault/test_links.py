"""Signed links: who gets one, what it opens, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callvault.dialects.callvault import DIALECT, links
from callvault.dialects.callvault.errors import refuse
from callvault.dialects.callvault.parameters import LINK
from callvault.errors import BadRequest, CallerError, Conflict, LinkExpired, NotAllowed, NotFound
from callvault.model.actor import Scope
from callvault.model.media import MediaFormat
from callvault.model.recording import MediaState
from callvault.vault.commands import Access, GetRecording, OpenMedia
from tests.unit.dialects.visits import ALICE, NOW, TEA_ORDER, TERMS, document, header, recording, visit

ID = str(TEA_ORDER.id)


def link(query: str = "", **changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = document(links.hand_out(recording(**changes), visit(f"/?{query}", parts={"recording": ID})))
    return told


def followed(url: str, *, after: timedelta = timedelta(0)) -> OpenMedia:
    name = url.partition("?")[0].rpartition("/")[2]
    return links.follow(visit(url, parts={"name": name}, now=NOW + after))


def refused(url: str, **rest: Any) -> CallerError:
    with pytest.raises(CallerError) as error:
        followed(url, **rest)
    return error.value


def test_a_link_opens_the_recording_as_it_was_recorded() -> None:
    told = link()
    assert told["url"].startswith(f"https://vault.example.net/media/{ID}.wav?expires=")
    command = followed(told["url"])
    assert command.recording.computed == TEA_ORDER.id
    assert (command.form, command.channels) == (MediaFormat.WAV, None)
    assert (command.access, command.account_id, command.original) == (Access.LINK, None, False)


@pytest.mark.parametrize(
    ("query", "form", "channels"),
    [
        ("format=mp3", MediaFormat.MP3, None),
        ("channels=1", MediaFormat.WAV, 1),
        ("format=ogg&channels=2", MediaFormat.OGG, 2),
        ("format=flac", MediaFormat.FLAC, None),
    ],
)
def test_a_link_opens_the_form_that_was_asked_for(query: str, form: MediaFormat, channels: int | None) -> None:
    command = followed(link(query)["url"])
    assert (command.form, command.channels) == (form, channels)


@pytest.mark.parametrize(("query", "seconds"), [("", 600), ("lifetime_s=1", 1), ("lifetime_s=604800", 604_800)])
def test_a_link_runs_out_when_it_says(query: str, seconds: int) -> None:
    told = link(query)
    whole = NOW.replace(microsecond=0) + timedelta(seconds=seconds)
    assert told["expires_at"] == whole.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert followed(told["url"], after=whole - NOW - timedelta(microseconds=1))
    assert isinstance(refused(told["url"], after=whole - NOW), LinkExpired)


def test_each_parameter_of_a_link_is_tried_above() -> None:
    assert {parameter.name for parameter in LINK} == {"format", "channels", "lifetime_s"}


def test_a_link_is_not_kept_by_caches() -> None:
    reply = links.hand_out(TEA_ORDER, visit(parts={"recording": ID}))
    assert header(reply, "cache-control") == "no-store"


def test_what_a_link_does_not_know_is_ignored() -> None:
    assert followed(link()["url"] + "&_=1&download=true").form is MediaFormat.WAV


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("signature=", "signature=x"),
        (".wav", ".mp3"),
        ("expires=1", "expires=2"),
        ("&signature", "&channels=1&signature"),
    ],
)
def test_a_link_that_was_changed_opens_nothing(before: str, after: str) -> None:
    url = link()["url"]
    assert before in url
    assert isinstance(refused(url.replace(before, after)), NotAllowed)


@pytest.mark.parametrize("query", ["", "?expires=1", "?signature=%C3%A9&expires=1772452800"])
def test_a_link_that_was_made_up_opens_nothing(query: str) -> None:
    assert isinstance(refused(f"https://vault.example.net/media/{ID}.wav{query}"), NotAllowed)


def test_a_link_that_opens_nothing_any_more_answers_403_either_way() -> None:
    url = link()["url"]
    for error in (refused(url, after=timedelta(hours=1)), refused(url + "x")):
        assert refuse(error, visit().request, TERMS).status == 403


def test_whoever_may_not_hear_gets_no_link() -> None:
    deaf = visit(parts={"recording": ID}, scopes=frozenset({Scope.READ}))
    with pytest.raises(NotAllowed, match="it may read"):
        links.ask(deaf)
    asked = links.ask(visit(parts={"recording": ID}))
    assert isinstance(asked, GetRecording)
    assert (asked.account_id, asked.recording.computed) == (ALICE.id, TEA_ORDER.id)


def test_there_is_no_link_to_what_cannot_be_heard() -> None:
    with pytest.raises(NotFound, match="no audio"):
        link(media_state=MediaState.DELETED)
    with pytest.raises(Conflict, match="one channel"):
        link("channels=2", channels=1)


@pytest.mark.parametrize("query", ["format=original", "lifetime_s=0", "lifetime_s=604801", "channels=3"])
def test_a_link_that_cannot_be_made_is_refused_by_name(query: str) -> None:
    with pytest.raises(BadRequest) as error:
        links.ask(visit(f"/?{query}", parts={"recording": ID}))
    assert error.value.field == query.split("=", maxsplit=1)[0]


def test_links_are_followed_where_the_toolbox_points() -> None:
    assert [route.public for route in DIALECT.routes if route.path == "/media/{name}"] == [True]
