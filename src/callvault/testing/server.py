"""An emulator in a process of its own, and the handle that tests steer it by."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from callvault.errors import BadRequest
from callvault.testing.programs import PROGRAM, environment, free_port, serving
from callvault.testing.steering import EMULATOR, Steering

BUILT_IN = Path(__file__).parent / "seed.yaml"
"""The seed file where a project has none of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EmulatedRecording:
    """One recording as it stands."""

    name: str
    id: str
    """The core id; vendors' ids are in ``names``."""
    status: str | None
    """None: it has not begun yet."""
    names: Mapping[str, Mapping[str, str]]
    """For each dialect what its vendor calls it: ids, ``url``, ``media_url``."""


class CallvaultServer:
    """What the fixture ``callvault_server`` gives."""

    def __init__(self, url: str) -> None:
        self.url = url
        """Scheme, host and port."""
        self._steering = Steering(url)

    @property
    def state(self) -> dict[str, Any]:
        """Everything that there is to know, as ``GET /callvault/v1/emulator`` tells it."""
        return self._steering.ask("GET")

    @property
    def now(self) -> datetime:
        """The emulator's time."""
        return datetime.fromisoformat(self.state["clock"]["now"])

    def credentials(self, dialect: str, account: str | None = None) -> dict[str, str]:
        """What a vendor's clients want to be given: base URL, ids, keys.  ``account``: by name; None: the first.

        Raises:
            BadRequest: there is no such dialect or account.
        """
        everything: dict[str, dict[str, str]] = self._account(account)["credentials"]
        if dialect not in everything:
            raise BadRequest(f"There is no dialect {dialect!r}; there are {', '.join(everything)}.")
        return everything[dialect]

    def recordings(self, account: str | None = None) -> dict[str, EmulatedRecording]:
        """An account's recordings by the names that the seed file gives them."""
        return {
            entry["name"]: EmulatedRecording(
                name=entry["name"], id=entry["id"], status=entry["status"], names=entry["names"]
            )
            for entry in self._account(account)["recordings"]
        }

    def recording(self, name: str, account: str | None = None) -> EmulatedRecording:
        """One recording.

        Raises:
            BadRequest: there is none of that name.
        """
        recordings = self.recordings(account)
        if name not in recordings:
            raise BadRequest(f"There is no recording {name!r}; there are {', '.join(recordings) or 'none'}.")
        return recordings[name]

    def hook(self, dialect: str, url: str, account: str | None = None, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
        """Have somebody told from now until the reset; ``fields``: ``events``, ``method``, ``options`` ...

        Raises:
            BadRequest: it is no hook; the sentence says why.
        """
        said = {"dialect": dialect, "url": url, **fields}
        return self._steering.ask("POST", "/hooks", said, key=self._account(account)["key"])

    def reset(self) -> None:
        """Put everything back to the seed file: recordings, clock, hooks, faults.  Ids stay the same."""
        self._steering.ask("POST", EMULATOR + "/reset")

    def advance(self, seconds: float) -> None:
        """Put the clock on; everything that was due on the way is done when this returns."""
        self._steering.ask("POST", EMULATOR + "/clock", {"advance_s": seconds})

    def fault(self, **fields: Any) -> None:  # noqa: ANN401 - JSON values
        """Let something go wrong: ``status=429``, ``bytes_per_s=8000``, ``notice_copies=2`` ..., ``docs/emulator.md``.

        Raises:
            BadRequest: it is no fault; the sentence says why.
        """
        self._steering.ask("POST", EMULATOR + "/faults", fields)

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self._steering.ask("DELETE", EMULATOR + "/faults")

    def _account(self, name: str | None) -> dict[str, Any]:
        accounts: list[dict[str, Any]] = self.state["accounts"]
        for account in accounts:
            if name in {None, account["name"]}:
                return account
        raise BadRequest(f"There is no account {name!r}; there are {', '.join(entry['name'] for entry in accounts)}.")


@contextmanager
def emulated(seed: Path, folder: Path, *flags: str) -> Iterator[CallvaultServer]:
    """``callvault serve --emulate`` on a free port of 127.0.0.1, until the end of the block.

    ``folder``: for its log and its temporary files.  ``flags``: further ones of ``callvault serve``.

    Raises:
        OperatorError: it does not start; says what it said.
    """
    log = folder / "callvault.log"
    with serving(
        lambda _: _started(seed, folder, log, flags), log, sign=b" emulates ", ask=lambda server: server.state
    ) as server:
        yield server


def _started(
    seed: Path, folder: Path, log: Path, flags: Sequence[str]
) -> tuple[CallvaultServer, subprocess.Popen[bytes]]:
    """On a port that is free now: somebody else may be quicker to take it."""
    port = free_port()
    url = f"{'https' if '--tls-cert' in flags else 'http'}://127.0.0.1:{port}"
    command = [*PROGRAM, "serve", "--emulate", str(seed), "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, "--base-url", url, *flags],
            cwd=folder,
            env=environment(TMPDIR=str(folder)),
            stdout=output,
            stderr=output,
        )
    return CallvaultServer(url), process
