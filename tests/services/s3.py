"""A real S3 server of our own: OpenStack Swift with its S3 interface, on a free port of 127.0.0.1.

What lives here: `find`, `running` (start and stop one) and `S3Server.fresh_bucket`.  Swift is an object store in
production use, not a pretence of one; it is pure Python, so a wheel installs it, and it starts in about a second.
Where it differs from Amazon's: a PUT with If-Match is refused (501); two PUTs of one key with ``If-None-Match: *`` at
the same moment may both succeed, since Swift looks first and writes later (one after the other, the second is refused);
an unsigned request is 400, not 403.
What does not live here: the program that serves (`swift_cluster.py`), or any pytest.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import obstore
from obstore.store import S3Store

from tests.services.guarded import DidNotStart, guarded, private_folder

WHAT = "a real S3 server (OpenStack Swift)"
INSTALL_LINE = "python -m pip install swift"

REGION = "us-east-1"
ACCESS_KEY = "callvault:tests"
"""Swift's S3 keys are an account and a user of it, with a colon: which a signed URL has to escape."""

CLUSTER = Path(__file__).with_name("swift_cluster.py")


@dataclass(kw_only=True)
class S3Server:
    """A running server and the credentials of its one account."""

    endpoint: str
    """Without the bucket: requests are in path style, ``{endpoint}/{bucket}/{key}``."""
    secret_key: str = field(repr=False)
    access_key: str = ACCESS_KEY
    region: str = REGION
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    def fresh_bucket(self) -> str:
        """The name of a new, empty bucket."""
        bucket = f"fresh-{next(self._numbers)}"
        # CreateBucket is a PUT on the bucket itself, which a URL signed for the empty key is.
        url = obstore.sign(self.store(bucket), "PUT", "", timedelta(minutes=5))
        answer = httpx.put(url)
        if answer.status_code != 200:
            raise DidNotStart(f"no bucket {bucket}: {answer.status_code} {answer.text}")
        return bucket

    def store(self, bucket: str) -> S3Store:
        """obstore's store on this bucket."""
        return S3Store(
            bucket,
            endpoint=self.endpoint,
            region=self.region,
            access_key_id=self.access_key,
            secret_access_key=self.secret_key,
            client_options={"allow_http": True},
        )


def find() -> Path | None:
    """The program that serves, where Swift is installed beside this Python."""
    return CLUSTER if importlib.util.find_spec("swift") else None


def keeps_attributes(folder: Path) -> bool:
    """Swift writes an object's headers into extended attributes, which some file systems (older tmpfs) refuse."""
    probe = folder / "probe"
    probe.touch()
    try:
        os.setxattr(probe, "user.swift.metadata", b"x" * 512)
    except OSError:
        return False
    finally:
        probe.unlink()
    return True


def port_said(folder: Path) -> int | None:
    """What the cluster has written once it listens."""
    try:
        return int((folder / "port").read_text())
    except FileNotFoundError:
        return None


@contextmanager
def running(cluster: Path) -> Iterator[S3Server]:
    """Start a new, empty server and stop it again.  Raises `DidNotStart`."""
    secret = secrets.token_hex(16)
    with private_folder("s3", fit=keeps_attributes) as folder:
        (folder / "secret").write_text(secret)
        command: list[str | Path] = [sys.executable, "-P", "-W", "ignore", cluster, folder, ACCESS_KEY]
        with guarded("Swift", command, folder=folder) as server:
            port = server.wait_until(lambda: port_said(folder))
            yield S3Server(endpoint=f"http://127.0.0.1:{port}", secret_key=secret)
