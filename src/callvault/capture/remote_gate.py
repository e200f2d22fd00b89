"""The gate as the signalling process sees it: questions to the supervisor, asked again when it has come back.

What does not live here: the lines' other end (``gate_socket``).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from callvault.capture.aim import Aim, write_aim
from callvault.capture.gate import OPEN_VEIL, Gate, Heard, KeyTypes, Opened, Opening, Veil
from callvault.capture.gate_socket import LONGEST_LINE
from callvault.errors import MediaError, TooMany

AGAIN_S = 0.05
"""How soon a connection that failed is tried again."""


class RemoteGate(Gate):
    """Asks over a local socket.  Whatever is under way when the supervisor goes is asked of its successor."""

    def __init__(self, path: Path, *, patience_s: float = 5.0) -> None:
        """``patience_s``: how long a supervisor that is gone is waited for."""
        self._path = path
        self._patience_s = patience_s
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._connecting = asyncio.Lock()
        self._reading: asyncio.Task[None] | None = None

    async def open(self, take: UUID, openings: Sequence[Opening], *, veil: Veil = OPEN_VEIL) -> Sequence[Opened]:
        """See ``Gate``."""
        asked = [asdict(each) for each in openings]
        said = await self._ask(do="open", take=str(take), openings=asked, veil=asdict(veil))
        return [Opened(stream=stream, port=port, rtcp_port=rtcp_port) for stream, port, rtcp_port in said]

    async def veil(self, take: UUID, veil: Veil) -> int:
        """See ``Gate``."""
        at_ns: int = await self._ask(do="veil", take=str(take), veil=asdict(veil))
        return at_ns

    async def aim(self, take: UUID, stream: int, aim: Aim | None) -> None:
        """See ``Gate``."""
        await self._ask(do="aim", take=str(take), stream=stream, aim=write_aim(aim))

    async def look_for_keys(self, take: UUID, stream: int, types: KeyTypes) -> None:
        """See ``Gate``."""
        await self._ask(do="keys", take=str(take), stream=stream, types=asdict(types))

    async def heard(self, take: UUID) -> Mapping[int, Heard]:
        """See ``Gate``."""
        return {
            stream: Heard(packets=packets, last_ns=last_ns, source=(source[0], source[1]) if source else None)
            for stream, packets, last_ns, source in await self._ask(do="heard", take=str(take))
        }

    async def shut(self, take: UUID, streams: Sequence[int] | None = None) -> None:
        """See ``Gate``."""
        await self._ask(do="shut", take=str(take), streams=streams)

    async def close(self) -> None:
        """Ask nothing any more."""
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def _ask(self, **asked: Any) -> Any:  # noqa: ANN401 - by question
        until = asyncio.get_running_loop().time() + self._patience_s
        while True:
            number = next(self._numbers)
            answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            try:
                writer = await self._connected()
                self._waiting[number] = answer
                writer.write(orjson.dumps({"id": number, **asked}) + b"\n")
                await writer.drain()
                return await answer
            except ConnectionError as error:
                if asyncio.get_running_loop().time() > until:
                    raise MediaError(f"Nobody answers at the gate {self._path}.") from error
                await asyncio.sleep(AGAIN_S)
            finally:
                self._waiting.pop(number, None)

    async def _connected(self) -> asyncio.StreamWriter:
        async with self._connecting:
            if self._writer is None:
                try:
                    reader, self._writer = await asyncio.open_unix_connection(self._path, limit=LONGEST_LINE)
                except FileNotFoundError as error:
                    raise ConnectionRefusedError(str(error)) from error
                self._reading = asyncio.create_task(self._read(reader, self._writer))
            return self._writer

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                self._hear(orjson.loads(line))
        except ConnectionError:
            pass
        finally:
            writer.close()
            self._writer = None
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionResetError("the supervisor is gone"))

    def _hear(self, said: Mapping[str, Any]) -> None:
        answer = self._waiting.get(said["id"])
        if answer is None or answer.done():
            return
        error = said.get("error")
        if error is None:
            answer.set_result(said["answer"])
        elif error["code"] == TooMany.code:
            answer.set_exception(TooMany(error["message"], after_s=error["after_s"]))
        else:
            answer.set_exception(MediaError(error["message"]))
