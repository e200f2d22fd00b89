"""Servers that the tests of clients share: each test has an account of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system.authority import Certificates, certify
from tests.system.running import Running, running


@pytest.fixture(scope="session", autouse=True)
def no_proxy_for_the_server_next_door() -> Iterator[None]:
    """Whatever this machine uses for the world outside."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "127.0.0.1,localhost")
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server over plain HTTP."""
    with running(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A private authority, and what it certified."""
    return certify(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def tls_server(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Running]:
    """A server over TLS with a certificate of the private authority."""
    flags = ("--tls-cert", str(certificates.certificate), "--tls-key", str(certificates.key))
    with running(tmp_path_factory.mktemp("tls") / "data", *flags) as server:
        yield server
