"""A server that takes calls, and real calls placed to it: for tests of apps that steer live calls.

It is no emulator: ``callvault serve`` with an account and a folder of its own, and ``callvault call``, in processes of
their own.  Live calls go by the wall's clock, and nothing puts them back.  What does not live here: the emulator
(``server``).
"""

from __future__ import annotations

import json
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callvault.errors import BadRequest, HouseError, OperatorError
from callvault.testing.programs import PATIENCE_S, PAUSE_S, PROGRAM, environment, free_port, last_words, serving, stop
from callvault.testing.steering import Steering

ACCOUNT, TRUNK = "acme", "tests"
USUAL_S = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedCall:
    """A call that is being received."""

    names: Mapping[str, str]
    """What each vendor's clients call it: Telnyx's ``call_control_id``, Twilio's ``CallSid`` ..."""
    conference_names: Mapping[str, str]
    """And what where they ask for a conference."""
    told: Mapping[str, Any]
    """All that our own API said of it when both sides were heard."""


class CallTaker:
    """What the fixture ``callvault_calls`` gives."""

    def __init__(self, url: str, sip_port: int, folder: Path, account: Mapping[str, Any]) -> None:
        self.url = url
        """Scheme, host and port."""
        self.uri = f"sip:recorder@127.0.0.1:{sip_port};transport=udp"
        """Where calls come in."""
        self._folder = folder
        self._account = account
        self._steering = Steering(url)

    def credentials(self, dialect: str) -> dict[str, str]:
        """What a vendor's clients want to be given: base URL, ids, keys.

        Raises:
            BadRequest: there is no such dialect.
        """
        everything: dict[str, dict[str, str]] = self._account["dialects"]
        if dialect not in everything:
            raise BadRequest(f"There is no dialect {dialect!r}; there are {', '.join(everything)}.")
        return everything[dialect]

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:  # noqa: ANN401 - JSON values
        """Our own API, by what stands behind ``/callvault/v1``: ``ask("GET", "/recordings")``.

        Raises:
            BadRequest: it refused, with its sentence.
            HouseError: it failed.
        """
        return self._steering.ask(method, path, body, key=self._account["key"]["token"])

    @contextmanager
    def call(self, *sounds: Path, seconds: float = USUAL_S, flags: tuple[str, ...] = ()) -> Iterator[PlacedCall]:
        """A call that lasts as long as the block: of two who say something like speech, or what is in these files.

        ``seconds``: how long at most; all of it is made before anybody is called.
        ``flags``: further ones of ``callvault call``, such as ``("--join", "1")`` for a third who joins.

        Raises:
            HouseError: it is not taken; says what the client said.
        """
        name = f"{secrets.token_hex(8)}@callvault.test"
        words = ("call", self.uri, *map(str, sounds), "--seconds", str(seconds), "--recorded-call", name, *flags)
        log = self._folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own program
                [*PROGRAM, *words], env=environment(), stdout=output, stderr=output
            )
        try:
            yield self._placed(name, process, log)
        finally:
            _hang_up(process)

    def _placed(self, name: str, process: subprocess.Popen[bytes], log: Path) -> PlacedCall:
        until = time.monotonic() + PATIENCE_S
        while process.poll() is None and time.monotonic() < until:
            for told in self.ask("GET", "/calls")["calls"]:
                if told.get("sip_call_id") == name and "bridged_at" in told:
                    return PlacedCall(names=told["names"], conference_names=told["conference_names"], told=told)
            time.sleep(PAUSE_S)
        raise HouseError(f"The call is not taken: {last_words(log)}")


@contextmanager
def taking_calls(folder: Path, *flags: str) -> Iterator[CallTaker]:
    """``callvault serve`` that takes calls on 127.0.0.1 and records what it is asked to, until the end of the block.

    ``folder``: for its data and its logs.  ``flags``: further ones of ``callvault serve``.

    Raises:
        OperatorError: it does not start; says what it said.
    """
    log = folder / "callvault.log"

    def start(attempt: int) -> tuple[CallTaker, subprocess.Popen[bytes]]:
        port, sip_port = free_port(), free_port(socket.SOCK_DGRAM)
        settings = _settings(folder / f"data-{attempt}", port, sip_port, tls="--tls-cert" in flags)
        taker = CallTaker(settings["CALLVAULT_BASE_URL"], sip_port, folder, _made(settings))
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own program
                [*PROGRAM, "serve", "--port", str(port), *flags], env=settings, stdout=output, stderr=output
            )
        return taker, process

    with serving(start, log, sign=b"callvault listens", ask=lambda taker: taker.ask("GET", "/calls")) as taker:
        yield taker


def _settings(data: Path, port: int, sip_port: int, *, tls: bool) -> dict[str, str]:
    return environment(
        CALLVAULT_DATA=str(data),
        CALLVAULT_BASE_URL=f"{'https' if tls else 'http'}://127.0.0.1:{port}",
        CALLVAULT_SIP_LISTEN=f"udp:127.0.0.1:{sip_port}",
        CALLVAULT_HOOK_NETWORKS="127.0.0.0/8,::1/128",
    )


def _made(settings: Mapping[str, str]) -> Mapping[str, Any]:
    """The account, as ``account add`` tells of it; of its calls nothing is recorded until somebody asks."""
    account: Mapping[str, Any] = json.loads(_run(settings, "account", "add", ACCOUNT, "--json"))
    _run(settings, "trunk", "add", TRUNK, "--account", ACCOUNT, "--network", "127.0.0.0/8")
    _run(settings, "policy", "set", "--account", ACCOUNT, "--record", "none")
    return account


def _run(settings: Mapping[str, str], *words: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own program
        [*PROGRAM, *words], env=dict(settings), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OperatorError(f"callvault {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def _hang_up(process: subprocess.Popen[bytes]) -> None:
    """As a user does who has heard enough: it says goodbye."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        stop(process)
