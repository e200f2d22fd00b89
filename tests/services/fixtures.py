"""The servers as fixtures: started when the first test asks, stopped at the end of the session.

What lives here: thin fixtures over `postgres` and `s3`; what is missing skips the test, and fails it in CI.
Registered by `tests/conftest.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services import install, postgres, s3
from tests.services.need import need


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.PostgresServer]:
    """A real PostgreSQL; `postgres_server.fresh_database()` answers the DSN of a new, empty database."""
    found = need(postgres.WHAT, postgres.find, postgres.INSTALL_LINE, install.install_postgres)
    with postgres.running(found) as server:
        yield server


@pytest.fixture(scope="session")
def durable_postgres_server() -> Iterator[postgres.PostgresServer]:
    """The same, with every commit on disk before it is answered: for tests in which things crash."""
    found = need(postgres.WHAT, postgres.find, postgres.INSTALL_LINE, install.install_postgres)
    with postgres.running(found, durable=True) as server:
        yield server


@pytest.fixture
def postgres_dsn(postgres_server: postgres.PostgresServer) -> Iterator[str]:
    """The DSN of an empty database of this test's own, dropped after it."""
    dsn = postgres_server.fresh_database()
    yield dsn
    postgres_server.drop_database(dsn)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[s3.S3Server]:
    """A real S3 server; `s3_server.fresh_bucket()` answers the name of a new, empty bucket."""
    with s3.running(need(s3.WHAT, s3.find, s3.INSTALL_LINE, install.install_swift)) as server:
        yield server
