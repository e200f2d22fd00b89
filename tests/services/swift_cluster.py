"""A whole OpenStack Swift in one process: proxy with the S3 interface, account, container and object server.

What lives here: the program that `tests.services.s3` starts, run as ``python -P swift_cluster.py FOLDER ACCESS_KEY``.
It reads the secret key from FOLDER/secret, writes Swift's own configuration and rings into FOLDER, serves until it is
killed, and writes the proxy's port into FOLDER/port once all four servers listen.  Nothing of Swift is replaced: the
four applications are loaded by Swift from their configuration files; they share a process only so that a test session
has one thing to start and stop.  What does not live here: anything that a test imports.

Swift's documentation of the settings: https://docs.openstack.org/swift/latest/config/ (read 2026-11).
"""

from __future__ import annotations

import socket as plain_socket
import sys
from pathlib import Path
from typing import Any

from swift.common import utils as swift_utils

swift_utils.monkey_patch()  # as Swift's own programs do, before anything opens a socket

from swift.common.concurrency import eventlet  # noqa: E402
from swift.common.http_protocol import SwiftHttpProtocol  # noqa: E402
from swift.common.ring import RingData  # noqa: E402
from swift.common.wsgi import init_request_processor  # noqa: E402

DEVICE = "disk"
"""The one device, a folder: one replica of everything."""

SERVERS = ("account", "container", "object", "proxy")

PIPELINE = "catch_errors gatekeeper healthcheck listing_formats bulk s3api tempauth copy slo dlo proxy-server"
"""The order of `proxy-server.conf-sample`, without logs, quotas and the memcached cache, which Swift can do without."""

FILTERS = {
    "catch_errors": {},
    "gatekeeper": {},
    "healthcheck": {},
    "listing_formats": {},
    "bulk": {},
    # 10,000 parts is Amazon's limit; Swift's own default is 1,000.
    "s3api": {"location": "us-east-1", "max_upload_part_num": "10000", "check_bucket_owner": "true"},
    "tempauth": {},
    "copy": {},
    "dlo": {},
    "slo": {"max_manifest_segments": "10000", "max_manifest_size": "8388608"},
}

APPS = {
    # Without updater daemons a listing has what was told at once: wait for the container as long as it takes.
    "object": {"container_update_timeout": "60", "node_timeout": "60", "conn_timeout": "20"},
    "container": {"node_timeout": "60", "conn_timeout": "20"},
    "account": {},
    "proxy": {
        "account_autocreate": "true",
        "allow_account_management": "true",
        # A busy machine makes no node fail: these are far above what one request takes.
        "node_timeout": "60",
        "recoverable_node_timeout": "60",
        "conn_timeout": "20",
        "error_suppression_limit": "1000000",
    },
}


def write_rings(folder: Path, ports: dict[str, int]) -> None:
    """One partition, one replica, one device per ring."""
    for ring, name in (("account", "account"), ("container", "container"), ("object", "object")):
        device = {
            "id": 0,
            "region": 1,
            "zone": 1,
            "ip": "127.0.0.1",
            "port": ports[name],
            "device": DEVICE,
            "weight": 1.0,
        }
        RingData([[0]], [device], 32).save(str(folder / f"{ring}.ring.gz"))


def section(name: str, settings: dict[str, str]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in settings.items()), "", ""])


def write_settings(folder: Path, log_port: int, access_key: str, secret_key: str) -> None:
    (folder / "swift.conf").write_text(
        section("swift-hash", {"swift_hash_path_prefix": "callvault", "swift_hash_path_suffix": "tests"})
    )
    shared = {
        "swift_dir": str(folder),
        "devices": str(folder),
        "mount_check": "false",
        "disable_fallocate": "true",
        "log_level": "WARNING",
        "log_udp_host": "127.0.0.1",
        "log_udp_port": str(log_port),
    }
    for server in SERVERS:
        text = section("DEFAULT", shared)
        if server == "proxy":
            text += section("pipeline:main", {"pipeline": PIPELINE})
            account, user = access_key.split(":")
            filters = {**FILTERS, "tempauth": {f"user_{account}_{user}": f"{secret_key} .admin"}}
            for name, settings in filters.items():
                text += section(f"filter:{name}", {"use": f"egg:swift#{name}", **settings})
        else:
            text += section("pipeline:main", {"pipeline": f"{server}-server"})
        text += section(f"app:{server}-server", {"use": f"egg:swift#{server}", **APPS[server]})
        (folder / f"{server}-server.conf").write_text(text)


def repeat_log(log: plain_socket.socket) -> None:
    """Swift logs to syslog; ours is a socket of this process, so that the lines land in the server's own log file."""
    while True:
        line = log.recv(65536)
        sys.stderr.write(line.decode(errors="replace").rstrip("\0\n") + "\n")
        sys.stderr.flush()


def serve(listener: Any, app: Any) -> None:
    """As Swift's own `run_server` does, which can't be used since it changes the event loop under the other three."""
    eventlet.wsgi.server(
        listener,
        app,
        swift_utils.NullLogger(),
        protocol=SwiftHttpProtocol,
        # S3 clients want ``ETag``, which Eventlet would turn into ``Etag``.
        capitalize_response_headers=False,
        debug=False,
    )


def main(folder: Path, access_key: str) -> None:
    secret_key = (folder / "secret").read_text()
    (folder / DEVICE).mkdir()
    log = eventlet.green.socket.socket(plain_socket.AF_INET, plain_socket.SOCK_DGRAM)
    log.bind(("127.0.0.1", 0))
    listeners = {server: eventlet.listen(("127.0.0.1", 0), backlog=512) for server in SERVERS}
    ports = {server: listener.getsockname()[1] for server, listener in listeners.items()}
    write_rings(folder, ports)
    write_settings(folder, log.getsockname()[1], access_key, secret_key)
    eventlet.spawn(repeat_log, log)
    threads = []
    for server in SERVERS:
        app, *_ = init_request_processor(str(folder / f"{server}-server.conf"), f"{server}-server")
        threads.append(eventlet.spawn(serve, listeners[server], app))
    (folder / "port.new").write_text(str(ports["proxy"]))
    (folder / "port.new").rename(folder / "port")
    for thread in threads:
        thread.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
