"""The routes that steer the emulator: ``/callvault/v1/emulator`` and what lies below, in our own dialect.

They are open to everybody, and show keys and passwords: an emulator keeps nothing that is worth guarding.
``docs/emulator.md`` describes them for people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import orjson

from callvault.dialects.contract import Dialect, Route, Terms, Visit
from callvault.dialects.toolbox.jsons import json_reply
from callvault.dialects.toolbox.times import iso_ms
from callvault.errors import BadRequest
from callvault.server.emulator.errands import Advance, Clear, Errand, Look, Part, Plant, Reset, Scene
from callvault.server.emulator.fault_documents import read_faults, write_fault
from callvault.server.emulator.seed import SeedAccount
from callvault.vault.commands import Command
from callvault.wire import WireReply, WireRequest

BASE = "/callvault/v1/emulator"
MOST_ADVANCE_S = 10.0 * 365 * 86_400


def steerable(own: Dialect, dialects: tuple[Dialect, ...]) -> Dialect:
    """Our own dialect with these routes.  ``dialects``: those whose credentials and ids the state tells."""

    def say(scene: Scene, visit: Visit) -> WireReply:
        return json_reply(_state(scene, dialects, visit.terms))

    routes = (
        _route("GET", "", lambda _: Look(), say, "How things stand: clock, accounts, keys, recordings, faults"),
        _route("POST", "/clock", _advance, say, "Put the clock on"),
        _route("POST", "/reset", lambda _: Reset(), say, "Put everything back to the seed file"),
        _route(
            "POST", "/faults", lambda request: Plant(faults=read_faults(_body(request))), say, "Let things go wrong"
        ),
        _route("DELETE", "/faults", lambda _: Clear(), say, "Let nothing go wrong any more"),
    )
    return replace(own, routes=(*own.routes, *routes))


def _route(
    method: str,
    path: str,
    ask: Callable[[WireRequest], Errand],
    say: Callable[[Scene, Visit], WireReply],
    about: str,
) -> Route:
    # The vault's list of commands is closed; the emulator takes its errands before they could reach a vault.
    def read(visit: Visit) -> Command:
        return cast("Command", ask(visit.request))

    return Route(method=method, path=BASE + path, read=read, say=say, public=True, about=about)


def _advance(request: WireRequest) -> Advance:
    body = _body(request)
    seconds: Any = body.get("advance_s") if isinstance(body, dict) and set(body) == {"advance_s"} else None
    if type(seconds) not in {int, float} or not 0 <= seconds <= MOST_ADVANCE_S:
        raise BadRequest(
            f'The body must be {{"advance_s": SECONDS}}, from 0 to {MOST_ADVANCE_S:.0f}.', field="advance_s"
        )
    return Advance(by=timedelta(milliseconds=round(seconds * 1000)))


def _body(request: WireRequest) -> Any:  # noqa: ANN401 - JSON values
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}.") from error


def _state(scene: Scene, dialects: tuple[Dialect, ...], terms: Terms) -> dict[str, Any]:
    clock = scene.seed.clock
    return {
        "seed": str(scene.seed.file),
        "plays": scene.plays,
        "clock": {
            "pace": clock.pace,
            "factor": clock.factor,
            "started_at": iso_ms(scene.started_at),
            "now": iso_ms(scene.now),
            "elapsed_s": (scene.now - scene.started_at).total_seconds(),
        },
        "accounts": [_account(account, scene, dialects, terms) for account in scene.seed.accounts],
        "faults": [write_fault(fault, left) for fault, left in scene.faults],
    }


def _account(seed: SeedAccount, scene: Scene, dialects: tuple[Dialect, ...], terms: Terms) -> dict[str, Any]:
    account = scene.accounts[seed.name]
    parts = [part for part in scene.parts if part.role.account_name == seed.name]
    return {
        "name": account.name,
        "id": str(account.id),
        "serial": account.serial,
        "key": seed.key,
        "users": [{"name": user.name, "password": user.password, "id": str(user.id)} for user in seed.users],
        "credentials": {dialect.name: dict(dialect.credentials(account, seed.key, terms)) for dialect in dialects},
        "recordings": [
            _recording(
                part, {d.name: dict(d.names(part.entry or part.role.finished, account, terms)) for d in dialects}
            )
            for part in parts
        ],
    }


def _recording(part: Part, names: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return {
        "name": part.role.name,
        "id": str(part.role.finished.id),
        "status": part.entry.status if part.entry else None,
        "next": {"status": part.next.status, "at": iso_ms(part.next.at)} if part.next else None,
        "names": names,
    }
