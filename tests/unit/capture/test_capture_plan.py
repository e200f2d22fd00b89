"""A plan survives the command line that it is told on."""

from __future__ import annotations

from pathlib import Path

from callvault.capture.plan import Command, Plan, read_plan

PLAN = Plan(
    spool=Path("/var/lib/callvault/spool"),
    run=Path("/run/callvault"),
    workers=3,
    caches=(Path("/var/lib/callvault/renditions"),),
    commands=(Command(name="signalling", argv=("callvault", "signal"), nice=5, environment={"A": "1"}),),
)


def test_what_is_told_is_what_is_read() -> None:
    assert read_plan(PLAN.argv()[-1]) == PLAN
    assert PLAN.argv()[1:3] == ["-m", "callvault.capture"]
    assert PLAN.gate == Path("/run/callvault/gate.socket")
