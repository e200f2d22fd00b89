"""``python -m callvault.capture``: the supervisor's process, its plan on standard input (``plan.Plan.launch``)."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import resource
import signal
import sys

from callvault.capture.gate_socket import GateSocket
from callvault.capture.plan import Plan, read_plan
from callvault.capture.supervisor import Supervisor
from callvault.errors import OperatorError

MOST_PATH_BYTES = 80


def main() -> None:
    """Supervise until SIGTERM."""
    plan = read_plan(sys.stdin.buffer.read())
    logging.basicConfig(level=plan.log_level.upper(), format="%(asctime)s supervisor %(levelname)s %(message)s")
    try:
        asyncio.run(supervise(plan))
    except OperatorError as error:
        sys.exit(str(error))


async def supervise(plan: Plan) -> None:
    """Keep everything alive until told to stop.

    Raises:
        OperatorError: another supervisor has this folder, or its path is too long.
    """
    if len(os.fsencode(plan.run)) > MOST_PATH_BYTES:
        raise OperatorError(f"The folder for sockets must have a path of at most 80 bytes; {plan.run} is longer.")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    plan.run.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(plan.run / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OperatorError(f"Another supervisor is at work in {plan.run}.") from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, b"%d %d\n" % (os.getpid(), os.getppid()), 0)  # so that whoever finds it taken knows by whom
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    supervisor = Supervisor(plan)
    gate = GateSocket(supervisor, plan.gate)
    await supervisor.start(gate.start)
    print("ready", flush=True)
    await stopping.wait()
    await supervisor.stop()
    await gate.stop()
    os.close(lock)


if __name__ == "__main__":
    main()
