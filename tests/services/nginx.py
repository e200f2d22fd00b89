"""nginx with sendfile over one folder, for benchmarks to be compared with.

What lives here: `find` and `serving`, a plain context manager for scripts in `bench/` and fixtures alike.
What does not live here: any measuring.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.services.guarded import guarded, on_a_free_port, private_folder

WHAT = "nginx"
INSTALL_LINE = "as root: apt-get install nginx"

CONFIGURATION = """\
daemon off;
{user}worker_processes {workers};
pid {own}/pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
  types {{
    audio/wav wav;
    audio/mpeg mp3;
    audio/ogg ogg opus;
    audio/flac flac;
    application/json json;
  }}
  default_type application/octet-stream;
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout 65;
  keepalive_requests 1000000;
  client_body_temp_path {own}/body;
  proxy_temp_path {own}/proxy;
  fastcgi_temp_path {own}/fastcgi;
  uwsgi_temp_path {own}/uwsgi;
  scgi_temp_path {own}/scgi;
  server {{
    listen 127.0.0.1:{port};
    root "{root}";
    {more}
  }}
}}
"""


def find() -> Path | None:
    """Debian keeps it in /usr/sbin, which not every user's path has."""
    found = shutil.which("nginx", path=os.pathsep.join([*os.get_exec_path(), "/usr/sbin", "/usr/local/sbin"]))
    return Path(found) if found else None


def listens(port: int) -> bool | None:
    with socket.socket() as probe:
        return True if probe.connect_ex(("127.0.0.1", port)) == 0 else None


@contextmanager
def started(program: Path, root: Path, workers: int, more: str, port: int) -> Iterator[None]:
    with private_folder("nginx") as own:
        configuration = own / "nginx.conf"
        # Started as root, its workers would become somebody who can't read a folder of ours.
        user = "user root;\n" if os.geteuid() == 0 else ""
        configuration.write_text(
            CONFIGURATION.format(user=user, workers=workers, own=own, port=port, root=root.resolve(), more=more)
        )
        with guarded("nginx", [program, "-p", own, "-e", "stderr", "-c", configuration], folder=own) as server:
            server.wait_until(lambda: listens(port) if (own / "pid").exists() else None)
            yield


@contextmanager
def serving(root: Path, *, program: Path, workers: int = 1, more: str = "") -> Iterator[str]:
    """Serve the files below `root` until the block is left; the base URL, without a slash at its end.

    `more` are further lines of nginx's own for the server, such as a location that is proxied.  Raises `DidNotStart`.
    """
    with on_a_free_port(partial(started, program, root, workers, more)) as port:
        yield f"http://127.0.0.1:{port}"
