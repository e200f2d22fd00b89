"""An emulator that is asked as its clients ask it, without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callvault.server.build import build_emulated_app
from callvault.server.http import App
from callvault.server.settings import resolve

SEED = """
clock: stepped
accounts:
  - name: acme
    users: [{name: ada, password: two teas}]
    recordings:
      - {name: greeting, user: ada, audio: {tone: 1}}
      - name: live
        audio: {speech: 8, channels: 2}
        progress: {0: capturing, 4: paused, 6: capturing, 10: processing, 12: available}
      - {name: broken, progress: {5: capturing, 8: failed}}
      - {name: running, progress: {-30: capturing, 30: processing}}
      - {name: known, progress: {-30: capturing, -20: processing, -10: available}}
"""
EMULATOR = "/callvault/v1/emulator"


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Speaks ASGI to an application."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def ask(self, method: str, target: str, body: Any = None, key: str | None = None) -> Answer:
        path, _, query = target.removeprefix("http://test").partition("?")
        headers = [(b"host", b"test"), *([(b"authorization", f"Bearer {key}".encode())] if key else [])]
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": headers,
            "scheme": "http",
            "client": ("127.0.0.1", 1),
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"" if body is None else json.dumps(body).encode()}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], told, b"".join(message["body"] for message in sent[1:]))

    async def state(self) -> Any:
        return (await self.ask("GET", EMULATOR)).json()

    async def advance(self, seconds: float) -> Any:
        return (await self.ask("POST", EMULATOR + "/clock", {"advance_s": seconds})).json()


@asynccontextmanager
async def emulating(folder: Path, text: str = SEED) -> AsyncIterator[Client]:
    file = folder / "seed.yaml"
    file.write_text(text, encoding="utf-8")
    app = build_emulated_app(resolve({"emulate": str(file)}, {}))
    begun, over = asyncio.Event(), asyncio.Event()
    said: list[str] = []

    async def receive() -> dict[str, str]:
        if not said:
            return {"type": "lifespan.startup"}
        await over.wait()
        return {"type": "lifespan.shutdown"}

    async def send(message: Any) -> None:
        said.append(message["type"])
        begun.set()

    running = asyncio.create_task(app({"type": "lifespan"}, receive, send))
    await begun.wait()
    assert said == ["lifespan.startup.complete"]
    try:
        yield Client(app)
    finally:
        over.set()
        await running
