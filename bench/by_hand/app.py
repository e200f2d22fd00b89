"""The raw ASGI application, and the process that serves it: ``python -m bench.by_hand.app PORT``.

Which data folder, whose pages and under which URL: from the environment, as for the server that it is compared with.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from bench.by_hand import bandwidth, bird, callvault, kazoo, laml, telnyx
from bench.by_hand.forms import Archive, Asked
from bench.pages import Owner, pages
from callvault.model.query import RecordingQuery, RecordingSlice
from callvault.server.build import build_vault
from callvault.server.settings import resolve

Message = MutableMapping[str, Any]
Ask = Callable[[Archive, Asked], RecordingQuery]
Tell = Callable[[Archive, RecordingSlice, Asked, str], Any]

BY_DIALECT: dict[str, tuple[Ask, Tell]] = {
    "bandwidth": (bandwidth.ask, bandwidth.tell),
    "kazoo": (kazoo.ask, kazoo.tell),
    "bird": (bird.ask, bird.tell),
    "telnyx": (telnyx.ask, telnyx.tell),
    "signalwire": (laml.ask, laml.tell_signalwire),
    "twilio": (laml.ask, laml.tell_twilio),
    "callvault": (callvault.ask, callvault.tell),
}
OWNER = ("BENCH_ACCOUNT_ID", "BENCH_SERIAL", "BENCH_TOKEN")


class ByHand:
    """One archive's pages.  A caller is known by the whole of the credential that is shown."""

    def __init__(self) -> None:
        account_id, serial, token = (os.environ[name] for name in OWNER)
        settings = resolve({}, {name: text for name, text in os.environ.items() if name.startswith("CALLVAULT_")})
        self._vault = build_vault(settings)
        self._archive = Archive(
            account_id=UUID(account_id),
            serial=int(serial),
            token=token,
            base_url=settings["base_url"],
            link_key=self._vault.secrets.link_key,
            cloak_key=self._vault.secrets.cloak_key,
        )
        served = pages(Owner(account_id=UUID(account_id), serial=int(serial), token=token), 1)
        self._pages = {page.path: BY_DIALECT[page.dialect] for page in served}
        self._credentials = {value.encode() for page in served for value in page.headers.values()}

    async def __call__(
        self,
        scope: Mapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """ASGI 3."""
        if scope["type"] == "lifespan":
            await receive()
            await self._vault.catalogue.open()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await self._vault.catalogue.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
        shown = next(value for name, value in scope["headers"] if name in {b"authorization", b"x-auth-token"})
        if shown not in self._credentials:
            raise PermissionError
        ask, tell = self._pages[scope["path"]]
        asked = dict(parse_qsl(scope["query_string"].decode()))
        page = await self._vault.catalogue.find(ask(self._archive, asked))
        body = orjson.dumps(tell(self._archive, page, asked, scope["path"]))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    Granian(
        "bench.by_hand.app:ByHand",
        factory=True,
        interface=Interfaces.ASGI,
        port=int(sys.argv[1]),
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()
