"""``python -m callvault.capture.media``: a media worker, started by the supervisor and by nobody else."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import resource
import signal
import socket
import sys
from pathlib import Path

from callvault.capture.channel import Channel
from callvault.capture.media.worker import Worker, door_of
from callvault.capture.spools import Spools


def main() -> None:
    """Work until the supervisor says stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channel", type=int, required=True, help="The descriptor on which the supervisor speaks.")
    parser.add_argument("--spool", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True, help="The folder for the worker's own door.")
    parser.add_argument("--tick-ms", type=int, required=True)
    parser.add_argument("--log-level", default="warning")
    asked = parser.parse_args()
    logging.basicConfig(level=asked.log_level.upper(), format="%(asctime)s media %(levelname)s %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is the supervisor's to handle
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    channel = Channel(socket.socket(fileno=asked.channel))
    path = door_of(asked.run, os.getpid())
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        worker = Worker(Spools(asked.spool), channel, door, tick_s=asked.tick_ms / 1000)
        try:
            door.bind(str(path))
        except FileNotFoundError:
            sys.exit(f"The folder {asked.run} is gone, and the supervisor with it.")
        door.listen(4)
        channel.send({"ready": True, "pid": os.getpid()})
        gc.freeze()
        try:
            worker.run()
        finally:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
