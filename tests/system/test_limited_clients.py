"""Every vendor's client meets its vendor's limit: its own exception on 429, and afterwards it goes on as before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from callvault.testing import CallvaultServer, emulated
from tests.system import (
    test_bandwidth_clients,
    test_kazoo_clients,
    test_laml_clients,
    test_telnyx_clients,
)
from tests.system.authority import Certificates
from tests.system.conversation import Client, hold, refuses, says

SEED = """
clock: stepped
accounts:
  - name: acme
    users: [{name: ruth, password: two teas}]
    recordings: [{name: order, caller: {number: +12025550143}, audio: {tone: 1, channels: 2}}]
"""


@dataclass(frozen=True, kw_only=True)
class Limited:
    """A client, and how a limit shows in it."""

    client: Client
    dialect: str
    name: str
    """Of the recording's id among its names."""
    error: Mapping[str, Any]
    """What else its exception tells."""


def _limited() -> list[Limited]:
    found = [
        Limited(
            client=replace(client, lacks=frozenset(), exceptions={429: raised}),
            dialect="bandwidth",
            name="recording_id",
            error={"error": "error"},
        )
        for client, raised in zip(
            test_bandwidth_clients.CLIENTS,
            ("ApiException", "ApiErrorResponseException", "AxiosError"),
            strict=True,
        )
    ]
    found += [
        Limited(
            client=replace(client, lacks=frozenset(), exceptions={429: "RateLimitError"}),
            dialect="telnyx",
            name="recording_id",
            error={"code": "10011"},
        )
        for client in test_telnyx_clients.CLIENTS
    ]
    found += [
        Limited(
            client=replace(client, lacks=frozenset(), exceptions={429: client.exceptions[404]}),
            dialect="signalwire",
            name="twilio_recording_sid",
            error={"code": 20429},
        )
        for client in test_laml_clients.TWILIO_CLIENTS
    ]
    found += [
        Limited(
            client=replace(client, lacks=frozenset(), exceptions={429: client.exceptions[404]}),
            dialect="signalwire",
            name="recording_sid",
            error={"code": 20429},
        )
        for client in test_laml_clients.SIGNALWIRE_CLIENTS
    ]
    return found


LIMITED = _limited()


@pytest.mark.parametrize(
    "limited", [pytest.param(each, id=each.client.name, marks=each.client.parameter().marks) for each in LIMITED]
)
def test_a_limit_is_the_clients_own_exception(limited: Limited, certificates: Certificates, tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(SEED)
    secure = ("--tls-cert", str(certificates.certificate), "--tls-key", str(certificates.key))
    with emulated(seed, tmp_path, *(secure if limited.client.tls else ())) as server:
        server.fault(
            dialect=limited.dialect, method="GET", status=429, retry_after_s=1, times=20
        )  # some try again by themselves
        statements = [
            refuses("a limit", "get", one_of(server, limited), status=429, **limited.error),
        ]
        hold(limited.client, server.credentials(limited.dialect), statements, certificates.authority)
        server.clear_faults()
        listed = [server.recording("order").names[limited.dialect][limited.name]]
        hold(
            limited.client,
            server.credentials(limited.dialect),
            [says("afterwards", "list", {}, listed)],
            certificates.authority,
        )


def one_of(server: CallvaultServer, limited: Limited) -> dict[str, str]:
    """How this client names the recording."""
    names = server.recording("order").names[limited.dialect]
    given = {"recording": names[limited.name]}
    return given | ({"call": names["call_id"]} if limited.dialect == "bandwidth" else {})


def test_every_client_of_the_matrix_is_here() -> None:
    matrix = (
        *test_bandwidth_clients.CLIENTS,
        *test_telnyx_clients.CLIENTS,
        *test_laml_clients.TWILIO_CLIENTS,
        *test_laml_clients.SIGNALWIRE_CLIENTS,
    )
    assert [each.client.name for each in LIMITED] == [client.name for client in matrix]
    assert [client.name for client in test_kazoo_clients.CLIENTS] == ["kazoo"]  # its vendor has no limit here
