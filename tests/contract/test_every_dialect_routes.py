"""Every route of every dialect, asked by those who may not: anonymous, a stranger, a key that may do less.

The routes are taken from the tables, so that one that is added later is asked too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import urlencode

import pytest

from callvault.dialects import registry
from callvault.dialects.contract import Route
from callvault.model.actor import Scope
from tests.contract.neighbours import SECRETS_OF_ALICE, Answer, neighbourhood
from tests.contract.scenes import Scene
from tests.contract.tongues import TONGUES, Ask, Item, Tongue
from tests.world import BASE_URL

every_tongue = pytest.mark.parametrize("tongue", TONGUES, ids=lambda tongue: tongue.name)

DOCUMENTED_PUBLIC = {
    ("kazoo", "OPTIONS", ""): "a browser asks before it may show a credential",
    ("kazoo", "PUT", "/api_auth"): "a log-in",
    ("kazoo", "PUT", "/user_auth"): "a log-in",
    ("callvault", "GET", "/callvault/v1/ping"): "says that somebody is there",
    ("callvault", "GET", "/callvault/v1/openapi.json"): "the description",
    ("callvault", "GET", "/media/{name}"): "a signed link is its own permission",
    ("signalwire", "GET", "/Recordings/{recording}"): "audio is open to whoever knows its id",
}
"""Dialect, verb, and how the path ends: what anybody may ask without a credential, and why."""


@pytest.fixture
async def scene(tongue: Tongue, tmp_path: Path) -> AsyncIterator[Scene]:
    async with neighbourhood(tmp_path) as street:
        recording = await street.record()
        item = await street.shown(tongue, recording)
        yield Scene(street=street, tongue=tongue, recording=recording, item=item)


def is_public(tongue: Tongue, route: Route) -> bool:
    return any(
        (dialect, method) == (tongue.dialect, route.method) and route.path.endswith(ending)
        for dialect, method, ending in DOCUMENTED_PUBLIC
    )


def test_nothing_is_public_but_what_is_documented_as_such() -> None:
    public = {(tongue.name, route.method, route.path) for tongue, route in every_route() if route.public}
    documented = {
        (tongue.name, route.method, route.path) for tongue, route in every_route() if is_public(tongue, route)
    }
    assert public == documented


@every_tongue
async def test_anonymous_is_told_nothing(scene: Scene) -> None:
    street, tongue = scene.street, scene.tongue
    for route, ask in scene.asks(street.alice):
        answer = await street.ask(ask)
        if is_public(tongue, route):
            assert tells_nothing(answer), ask
        else:
            assert answer.status == 401, ask
            assert tongue.is_refusal(401, *answer.parsed())
    assert await scene.unchanged()


@every_tongue
async def test_anonymous_hears_nothing_where_the_account_keeps_its_audio(scene: Scene) -> None:
    street, tongue = scene.street, scene.tongue
    await street.world.vault.catalogue.change_account(street.alice.account_id, {"public_media": False})
    for shows in ({}, tongue.credentials(street.charlie)):
        for _, ask in scene.asks(street.alice):
            answer = await street.ask(ask, shows)
            assert not answer.is_audio, ask
            assert tells_nothing(answer), ask


@every_tongue
async def test_charlie_is_told_nothing_on_any_path(scene: Scene) -> None:
    street, tongue = scene.street, scene.tongue
    shows = tongue.credentials(street.charlie)
    for owner in (street.alice, street.charlie):
        for route, ask in scene.asks(owner):
            answer = await street.ask(ask, shows)
            assert tells_nothing(answer), ask
            assert answer.status < 500, ask
            assert not answer.is_audio or is_public(tongue, route), ask
    assert await scene.unchanged()


@every_tongue
async def test_a_key_that_may_only_read_changes_and_hears_nothing(scene: Scene) -> None:
    street, tongue = scene.street, scene.tongue
    await street.world.vault.catalogue.change_account(street.alice.account_id, {"public_media": False})
    reader = await street.key(frozenset({Scope.READ}))
    shows = tongue.credentials(reader)
    given = []
    for _, ask in scene.asks(reader):
        answer = await street.ask(ask, shows)
        assert not answer.is_audio, ask
        assert answer.status < 500, ask
        given += links_in(answer.headers.get("location"), answer.json() if "json" in answer.parsed()[0] else None)
    for way in tongue.listening(reader, scene.item, BASE_URL):
        if "signature=" not in way.target:
            answer = await street.ask(way, shows)
            assert answer.status == tongue.out_of_scope, way
            assert tongue.is_refusal(answer.status, *answer.parsed())
    (item,) = await street.listed(tongue, who=reader)
    one = await street.get(tongue, tongue.one(reader, tongue.name_of(item), call_name(tongue, item)), reader)
    assert one.status == 200
    for link in {*given, *links_in(one.json(), [item])}:  # nor is there a link in it that opens what may not be heard
        answer = await street.ask(Ask(target=link))
        assert not answer.is_audio, link
    delete = await street.get(
        tongue, tongue.one(reader, tongue.name_of(item), call_name(tongue, item)), reader, "DELETE"
    )
    assert delete.status == tongue.out_of_scope
    assert tongue.is_refusal(delete.status, *delete.parsed())
    assert await scene.unchanged()


@every_tongue
@pytest.mark.parametrize("scope", [Scope.MEDIA, Scope.WRITE, Scope.DELETE], ids=str)
async def test_a_key_that_may_not_read_is_shown_no_list(scene: Scene, scope: Scope) -> None:
    street, tongue = scene.street, scene.tongue
    key = await street.key(frozenset({scope}))
    shows = tongue.credentials(key)
    name, call = tongue.name_of(scene.item), call_name(tongue, scene.item)
    for target in (tongue.recordings(key), tongue.one(key, name, call)):
        answer = await street.ask(Ask(target=target), shows)
        assert answer.status == tongue.out_of_scope, target
        assert tongue.is_refusal(answer.status, *answer.parsed())
        assert tells_nothing(answer)
    if scope is not Scope.DELETE:
        await street.ask(Ask(target=tongue.one(key, name, call), method="DELETE"), shows)
        assert await scene.unchanged()


@every_tongue
async def test_a_key_that_may_only_delete_deletes(scene: Scene) -> None:
    street, tongue = scene.street, scene.tongue
    key = await street.key(frozenset({Scope.DELETE}))
    name, call = tongue.name_of(scene.item), call_name(tongue, scene.item)
    answer = await street.ask(Ask(target=tongue.one(key, name, call), method="DELETE"), tongue.credentials(key))
    assert answer.status == tongue.deleted
    assert await street.listed(tongue) == []


@every_tongue
async def test_a_key_that_was_revoked_opens_nothing_any_more(scene: Scene) -> None:
    street, tongue = scene.street, scene.tongue
    await street.world.vault.catalogue.revoke_key(street.alice.token[:16], street.world.now)
    street.world.now = street.world.now.replace(hour=23)  # what was just checked is believed for seconds
    for route, ask in scene.asks(street.alice):
        if not is_public(tongue, route):
            answer = await street.ask(ask, tongue.credentials(street.alice))
            assert answer.status == 401, ask


@every_tongue
async def test_every_parameter_of_a_path_may_be_nonsense(scene: Scene) -> None:
    street, tongue = scene.street, scene.tongue
    shows = tongue.credentials(street.alice)
    for nonsense in (
        "%20",
        "%2F",
        "..",
        "%E2%98%95",
        "%FF",
        "0",
        "-",
        "null",
        "x" * 2000,
        "%3Cscript%3E",
        "%25",
        ".json",
    ):
        for route, ask in scene.asks(street.alice):
            for number, part in enumerate(route.path.split("/")):
                if part.startswith("{"):
                    segments = ask.target.split("/")
                    segments[number] = nonsense
                    target = "/".join(segments)
                    body = b"" if route.streams else ask.body
                    answer = await street.ask(Ask(target=target, method=ask.method, body=body), shows)
                    assert answer.status < 500, target
                    if answer.status >= 400:
                        assert tongue.is_refusal(answer.status, *answer.parsed()), target
    assert await scene.unchanged()


@every_tongue
async def test_every_route_refuses_a_query_that_is_nonsense_or_passes_it_over(scene: Scene) -> None:
    street, tongue = scene.street, scene.tongue
    shows = tongue.credentials(street.alice)
    query = urlencode({"\U0001f375": "\x01", "": "", "a[": "]", "limit": "0x10"})
    for route, ask in scene.asks(street.alice):
        if route.method in {"GET", "OPTIONS"}:
            answer = await street.ask(Ask(target=f"{ask.target}?{query}&&=&%zz", method=ask.method), shows)
            assert answer.status < 500, ask
            if answer.status >= 400:
                assert tongue.is_refusal(answer.status, *answer.parsed()), ask
    assert await scene.unchanged()


def every_route() -> Iterator[tuple[Tongue, Route]]:
    for tongue in TONGUES:
        (dialect,) = [dialect for dialect in registry.load() if dialect.name == tongue.dialect]
        yield from ((tongue, route) for route in dialect.routes if tongue.answers(route.path))


def call_name(tongue: Tongue, item: Item) -> str:
    return tongue.call_name(tongue.call_of(item))


def tells_nothing(answer: Answer) -> bool:
    """Whether nothing that only Alice knows is in it; audio is not words."""
    return answer.is_audio or not any(secret.encode() in answer.body for secret in SECRETS_OF_ALICE)


def links_in(*documents: object) -> list[str]:
    """Every address on our host that stands anywhere in an answer."""
    found: list[str] = []
    for document in documents:
        if isinstance(document, str) and document.startswith(BASE_URL + "/"):
            found.append(document.removeprefix(BASE_URL))
        elif isinstance(document, dict):
            found += chain.from_iterable(map(links_in, document.values()))
        elif isinstance(document, list):
            found += chain.from_iterable(map(links_in, document))
    return found
