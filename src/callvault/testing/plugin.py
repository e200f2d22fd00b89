"""The pytest plugin: ``callvault_server``, ``callvault``, ``callvault_calls`` and ``callvault_hooks``.

    [tool.pytest.ini_options]
    callvault_seed = "tests/recordings.yaml"

Nothing starts before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from callvault.testing.calls import CallTaker, taking_calls
from callvault.testing.receiver import HookReceiver, listening
from callvault.testing.server import BUILT_IN, CallvaultServer, emulated


def pytest_addoption(parser: pytest.Parser) -> None:
    """The settings of a project's own."""
    parser.addini("callvault_seed", "The seed file of callvault's emulator; without: one that comes with it.")
    parser.addini("callvault_tls_cert", "A PEM file with a certificate for 127.0.0.1: the emulator serves https.")
    parser.addini("callvault_tls_key", "A PEM file with the certificate's private key.")


@pytest.fixture(scope="session")
def callvault_server(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CallvaultServer]:
    """An emulator for all tests of this run; each test gets what the one before has left."""
    seed = _file(pytestconfig, "callvault_seed") or BUILT_IN
    with emulated(seed, tmp_path_factory.mktemp("callvault"), *_tls(pytestconfig)) as server:
        yield server


@pytest.fixture
def callvault(callvault_server: CallvaultServer) -> CallvaultServer:
    """The same emulator, put back to the seed file for this test."""
    callvault_server.reset()
    return callvault_server


@pytest.fixture(scope="session")
def callvault_calls(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CallTaker]:
    """A server that takes real calls, for all tests of this run; its recordings are those that tests ask for."""
    with taking_calls(tmp_path_factory.mktemp("callvault"), *_tls(pytestconfig)) as taker:
        yield taker


@pytest.fixture
def callvault_hooks() -> Iterator[HookReceiver]:
    """Somebody who listens for webhooks on loopback, for this test."""
    with listening() as receiver:
        yield receiver


def _tls(config: pytest.Config) -> list[str]:
    """How the server is told that it serves https, where it does."""
    files = {name: _file(config, f"callvault_{name}") for name in ("tls_cert", "tls_key")}
    return [word for name, file in files.items() if file for word in (f"--{name.replace('_', '-')}", str(file))]


def _file(config: pytest.Config, name: str) -> Path | None:
    """A file as the project's settings name it: from the folder in which they stand."""
    text: str = config.getini(name)
    beside = config.inipath.parent if config.inipath else config.rootpath
    return beside / text if text else None
