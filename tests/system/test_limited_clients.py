"""Every vendor's own client against a server that has had enough of it: 429 becomes the client's own exception.

The emulator says it, in the vendor's words and headers; the clients are told by their own options not to try again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from callvault.testing import CallvaultServer, emulated
from tests.system import test_bandwidth_clients, test_kazoo_clients, test_laml_clients, test_telnyx_clients
from tests.system.authority import Certificates
from tests.system.conversation import Client, Statement, hold, refuses, says

SEED = """
clock: stepped
accounts:
  - name: acme
    recordings:
      - {name: tea, audio: {tone: 1, channels: 2}}
"""


@dataclass(frozen=True, kw_only=True)
class Limited:
    """A client, and what its exception tells of a limit."""

    client: Client
    dialect: str
    told: Mapping[str, Any]

    def parameter(self) -> Any:
        """For ``pytest.mark.parametrize``."""
        marks = self.client.parameter().marks
        return pytest.param(self, id=self.client.name, marks=marks)


def limited(dialect: str, name: str, script: str, exception: str, *, tls: bool = False, **told: object) -> Limited:
    client = Client(name=name, script=script, exceptions={429: exception}, tls=tls)
    return Limited(client=client, dialect=dialect, told=told)


LIMITED = (
    limited("bandwidth", "bandwidth", "bandwidth_23.py", "ApiException", error="error"),
    limited("bandwidth", "bandwidth-6", "bandwidth_6.py", "ApiErrorResponseException", error="error"),
    limited("bandwidth", "bandwidth-js", "bandwidth_js.cjs", "AxiosError", error="error"),
    limited("telnyx", "telnyx", "telnyx_4.py", "RateLimitError", code="10011"),
    limited("telnyx", "telnyx-2", "telnyx_2.py", "RateLimitError", code="10011"),
    limited("telnyx", "telnyx-js", "telnyx_js.cjs", "RateLimitError", code="10011"),
    limited("signalwire", "twilio", "twilio_9.py", "TwilioException", code=20429),
    limited("signalwire", "twilio-8", "twilio_9.py", "TwilioException", code=20429),
    limited("signalwire", "twilio-js", "twilio_js.cjs", "RestException", tls=True, code=20429),
    limited("signalwire", "signalwire", "signalwire_2.py", "TwilioException", tls=True, code=20429),
    limited("signalwire", "signalwire-1", "signalwire_2.py", "TwilioException", tls=True, code=20429),
    limited("signalwire", "signalwire-js", "signalwire_js.cjs", "RestException", tls=True, code=20429),
)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CallvaultServer]:
    """One over plain HTTP."""
    with emulated(seed_in(folder := tmp_path_factory.mktemp("emulator")), folder) as server:
        yield server


@pytest.fixture(scope="session")
def tls_emulator(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[CallvaultServer]:
    """One over TLS."""
    flags = ("--tls-cert", str(certificates.certificate), "--tls-key", str(certificates.key))
    with emulated(seed_in(folder := tmp_path_factory.mktemp("emulator")), folder, *flags) as server:
        yield server


def seed_in(folder: Path) -> Path:
    file = folder / "seed.yaml"
    file.write_text(SEED)
    return file


@pytest.mark.parametrize("case", [case.parameter() for case in LIMITED])
def test_a_limit_is_the_clients_own_exception(
    case: Limited, emulator: CallvaultServer, tls_emulator: CallvaultServer, certificates: Certificates
) -> None:
    server = tls_emulator if case.client.tls else emulator
    server.reset()
    server.fault(dialect=case.dialect, status=429, retry_after_s=1)
    statements: list[Statement] = [
        refuses("too many", "list", {}, status=429, **case.told),
        says("the next one", "list", {}, one_recording),
    ]
    hold(case.client, server.credentials(case.dialect), statements, certificates.authority)
    assert server.state["faults"] == [], "asked once, and not again by itself"


def test_kazoos_client_says_the_word(emulator: CallvaultServer) -> None:
    emulator.reset()
    emulator.fault(dialect="kazoo", method="GET", status=429)
    client = Client(name="kazoo", script="kazoo_0.py", exceptions={})
    statements = [
        Statement(about="too many", deed="list", refused={"type": "KazooApiError", "message": "too_many_requests"}),
        says("the next one", "list", {}, one_recording),
    ]
    hold(client, emulator.credentials("kazoo"), statements)


def one_recording(ids: list[str]) -> None:
    assert len(ids) == 1


def test_every_client_of_the_matrix_is_here() -> None:
    matrix = (
        *test_bandwidth_clients.CLIENTS,
        *test_telnyx_clients.CLIENTS,
        *test_laml_clients.TWILIO_CLIENTS,
        *test_laml_clients.SIGNALWIRE_CLIENTS,
    )
    assert [case.client.name for case in LIMITED] == [client.name for client in matrix]
    assert [case.client.tls for case in LIMITED] == [client.tls for client in matrix]
    assert [client.name for client in test_kazoo_clients.CLIENTS] == ["kazoo"]
