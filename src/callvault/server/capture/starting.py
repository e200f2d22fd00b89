"""Live capture as a part of ``callvault serve``: its supervisor is started, kept alive, and stopped with the server.

What does not live here: what the supervisor does (``capture.supervisor``).  A server that was killed leaves its
supervisor at work, and calls go on; the next server finds it.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
import time

from callvault.capture.plan import Command, Plan
from callvault.capture.siprec.places import read_places
from callvault.capture.streams.places import read_places as read_stream_places
from callvault.errors import OperatorError
from callvault.server.capture.finishing import NICE
from callvault.server.capture.places import run_folder, spool_folder
from callvault.server.settings import Settings

log = logging.getLogger("callvault.capture")

READY_S = 30.0
STOP_S = 40.0
PAUSE_S = 0.5


def check_capture(settings: Settings) -> None:
    """See that capture can begin, before anything is promised.

    Raises:
        OperatorError: a setting says what cannot be.
    """
    if not listens(settings):
        return
    if settings["emulate"]:  # its clock can be put on, its data thrown away: a call has one time, and its audio a place
        raise OperatorError(
            "An emulator takes no calls: sip_listen and stream_listen go with a real server, callvault serve or demo."
        )
    read_places(settings["sip_listen"])
    if any(place.secure for place in read_stream_places(settings["stream_listen"])) and not settings["tls_cert"]:
        raise OperatorError("stream_listen has a wss: place; it needs tls_cert and tls_key.")
    _ports(settings["media_ports"])
    if bool(settings["sip_tls_cert"]) != bool(settings["sip_tls_key"]):
        raise OperatorError("sip_tls_cert and sip_tls_key go together: one is set and the other is not.")


def listens(settings: Settings) -> bool:
    """Whether calls are to come in at all."""
    return bool(settings["sip_listen"] or settings["stream_listen"])


def plan_of(settings: Settings) -> Plan:
    """What the supervisor has to keep alive."""
    first, last = _ports(settings["media_ports"])
    environment = settings.environment()
    module = (sys.executable, "-m")
    return Plan(
        spool=spool_folder(settings).resolve(),
        run=run_folder(settings),
        first_port=first,
        last_port=last,
        workers=settings["media_workers"],
        tick_ms=settings["media_tick_ms"],
        floor_bytes=settings["spool_floor_bytes"],
        caches=((settings.path("data") / "renditions").resolve(),),
        commands=(
            *(
                Command(name=name, argv=(*module, f"callvault.server.capture.{name}"), environment=environment)
                for name, setting in (("signalling", "sip_listen"), ("streaming", "stream_listen"))
                if settings[setting]
            ),
            Command(
                name="finishing",
                argv=(*module, "callvault.server.capture.finishing"),
                nice=NICE,
                environment=environment,
            ),
        ),
        log_level=settings["log_level"],
    )


class Capture:
    """The supervisor's process, for as long as the server runs."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="capture", daemon=True)

    def start(self) -> None:
        """Start capture, or find the one that goes on from before.

        Raises:
            OperatorError: it does not come up, and has said why.
        """
        if self._found() is None:
            self._launch()
        self._watcher.start()

    def stop(self) -> None:
        """End all calls in good order, keep what came of them, and let the processes go."""
        self._stopping.set()
        found = self._holders()
        if found is None:
            return
        pid, parent = found
        if parent != os.getpid() and _lives(parent):
            return  # it belongs to another server of this folder
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        while self._found() is not None and time.monotonic() < deadline:
            if self._process is not None:
                self._process.poll()
            time.sleep(0.05)

    def _launch(self) -> None:
        self._process = self._plan.launch()
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        line = self._process.stdout.readline()
        if line != b"ready\n":
            status = self._process.wait(READY_S)
            raise OperatorError(f"Live capture cannot begin; its supervisor ended with {status}, and said why above.")

    def _found(self) -> int | None:
        """The process id of the supervisor that is at work in our folder."""
        found = self._holders()
        return found[0] if found else None

    def _holders(self) -> tuple[int, int] | None:
        """That, and of the server that started it."""
        path = self._plan.run / "supervisor.lock"
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            words = os.pread(descriptor, 40, 0).decode("ascii", "replace").split()
            return (int(words[0]), int(words[1])) if len(words) == 2 and all(map(str.isdecimal, words)) else None
        else:
            return None
        finally:
            os.close(descriptor)

    def _watch(self) -> None:
        """Start the supervisor again where it ended by itself; its workers have kept the sockets."""
        while not self._stopping.wait(PAUSE_S):
            if self._process is not None:
                self._process.poll()
            if self._found() is None and not self._stopping.is_set():
                log.warning("the capture's supervisor ended, and is started again")
                try:
                    self._launch()
                except (OperatorError, OSError):
                    log.exception("the capture's supervisor cannot be started")
                    self._stopping.wait(10 * PAUSE_S)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _ports(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (first.isdecimal() and last.isdecimal() and 1024 <= int(first) < int(last) <= 65_535):
        raise OperatorError(f"media_ports must be two ports from 1024 to 65535, as 10000-32000, not {text!r}.")
    return int(first), int(last)
