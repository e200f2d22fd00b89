"""A plan is handed over whole, and nothing of it stands on a command line, which everybody on the machine can read."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from callvault.capture.plan import Command, Plan, read_plan, write_plan

PLAN = Plan(
    spool=Path("/var/lib/callvault/spool"),
    run=Path("/run/callvault"),
    workers=3,
    caches=(Path("/var/lib/callvault/renditions"),),
    commands=(Command(name="signalling", argv=("callvault", "signal"), nice=5, environment={"A": "1"}),),
)


def test_what_is_told_is_what_is_read() -> None:
    assert read_plan(write_plan(PLAN)) == PLAN
    assert PLAN.gate == Path("/run/callvault/gate.socket")


def test_the_supervisor_s_command_line_tells_nothing_of_its_plan() -> None:
    too_long = "x" * 100
    with replace(PLAN, run=Path("/run") / too_long).launch() as process:
        assert process.args == [sys.executable, "-m", "callvault.capture"]
        assert process.wait(30) == 1  # the plan was read: it refuses a path that no socket can have
