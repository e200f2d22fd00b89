"""A channel between two processes of the capture: messages, and open sockets with them (unix(7), SCM_RIGHTS).

Neither side ever waits for the other: what cannot be sent yet is kept.  What does not live here: what is said.
"""

from __future__ import annotations

import array
import errno
import socket
from collections import deque
from collections.abc import Sequence
from typing import Any

import orjson

MOST_DESCRIPTORS = 200
"""With one message; the kernel allows 253."""
_MOST_BYTES = 128 << 10

Message = dict[str, Any]


class ChannelClosed(Exception):
    """The other side is gone."""


class Channel:
    """One end.  Messages arrive whole and in order, or the channel is closed."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end
        self._outgoing: deque[tuple[bytes, tuple[int, ...]]] = deque()

    def fileno(self) -> int:
        """For whoever waits for it to be readable, or writable."""
        return self._end.fileno()

    @property
    def waits(self) -> bool:
        """Whether something could not be sent yet."""
        return bool(self._outgoing)

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Say something; the descriptors have to stay open until nothing ``waits`` any more.

        Raises:
            ChannelClosed: to nobody.
        """
        self._outgoing.append((orjson.dumps(message), tuple(descriptors)))
        self.flush()

    def flush(self) -> None:
        """Send what waits, as far as the other side takes it.

        Raises:
            ChannelClosed: it takes nothing any more.
        """
        while self._outgoing:
            data, descriptors = self._outgoing[0]
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
            try:
                self._end.sendmsg([data], rights)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno == errno.ETOOMANYREFS:  # too many descriptors are on their way at once
                    return
                raise ChannelClosed from error
            self._outgoing.popleft()

    def receive(self) -> tuple[Message, list[int]] | None:
        """The next message and the descriptors that came with it; None: there is none yet.

        Raises:
            ChannelClosed: there will be none.
        """
        size = array.array("i").itemsize
        try:
            data, rights, _, _ = self._end.recvmsg(
                _MOST_BYTES, socket.CMSG_SPACE(MOST_DESCRIPTORS * size), socket.MSG_CMSG_CLOEXEC
            )
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as error:
            raise ChannelClosed from error
        if not data:
            raise ChannelClosed
        descriptors = array.array("i")
        for level, kind, octets in rights:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.frombytes(octets[: len(octets) - len(octets) % size])
        return orjson.loads(data), descriptors.tolist()

    def close(self) -> None:
        """Let go of it."""
        self._end.close()
