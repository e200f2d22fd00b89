"""The gate on a local socket: one line of JSON asks, one answers, in whatever order the answers are ready.

What does not live here: who asks (``remote_gate``), what is done (``supervisor``).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from callvault.capture.aim import read_aim
from callvault.capture.gate import Gate, Opening, read_key_types, read_veil
from callvault.errors import CallvaultError, TooMany

log = logging.getLogger("callvault.supervisor")

LONGEST_LINE = 1 << 20


class GateSocket:
    """Answers whoever connects; the folder's permissions say who may."""

    def __init__(self, gate: Gate, path: Path) -> None:
        self._gate = gate
        self._path = path
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Answer from now on."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self._path, limit=LONGEST_LINE)
        self._path.chmod(0o600)

    async def stop(self) -> None:
        """Answer nobody any more."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                task = asyncio.create_task(self._answer(orjson.loads(line), writer))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        except (ConnectionError, ValueError) as error:
            log.warning("whoever asked at the gate is let go: %s", error)
        finally:
            writer.close()

    async def _answer(self, asked: Mapping[str, Any], writer: asyncio.StreamWriter) -> None:
        try:
            said: dict[str, Any] = {"answer": await self._do(asked)}
        except CallvaultError as error:
            said = {"error": {"code": error.code, "message": str(error)}}
            if isinstance(error, TooMany):
                said["error"]["after_s"] = error.after_s
        except Exception as error:
            log.exception("the gate failed at %s", asked.get("do"))
            said = {"error": {"code": "house-error", "message": repr(error)}}
        with contextlib.suppress(ConnectionError):
            writer.write(orjson.dumps({"id": asked.get("id"), **said}) + b"\n")
            await writer.drain()

    async def _do(self, asked: Mapping[str, Any]) -> object:
        take = UUID(asked["take"])
        match asked["do"]:
            case "open":
                openings = [Opening(**each) for each in asked["openings"]]
                opened = await self._gate.open(take, openings, veil=read_veil(asked["veil"]))
                return [[each.stream, each.port, each.rtcp_port] for each in opened]
            case "veil":
                return await self._gate.veil(take, read_veil(asked["veil"]))
            case "aim":
                await self._gate.aim(take, asked["stream"], read_aim(asked["aim"]))
            case "keys":
                await self._gate.look_for_keys(take, asked["stream"], read_key_types(asked["types"]))
            case "heard":
                heard = await self._gate.heard(take)
                return [[stream, each.packets, each.last_ns, each.source] for stream, each in heard.items()]
            case "shut":
                await self._gate.shut(take, asked["streams"])
            case other:
                raise ValueError(f"the gate does not know {other!r}")
        return None
