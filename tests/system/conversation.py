"""Talking to a running server through a vendor's own client, and holding what it says to statements.

What lives here: a client (its environment, its script, its own exceptions), a statement (do this, expect that), and the
run of one over the other.  A script reads JSON from stdin, does the deeds that it is asked for with the client alone,
and prints what came of each: ``{"said": ...}`` or ``{"refused": {...}}``.  What does not live here: what any vendor's
clients should say; that is in the tests, once for all clients of a vendor.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.system.environments import ENVIRONMENTS, folder_of, node

SCRIPTS = Path(__file__).parent / "clients"
PATIENCE_S = 120
ELSEWHERE = re.compile(r"_proxy$|^(BW|TELNYX|TWILIO|SIGNALWIRE)_", re.IGNORECASE)
"""Proxies, and the variables in which these clients look for their vendor's address and credentials."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """A vendor's client as it is installed."""

    name: str
    """Of its environment."""
    script: str
    exceptions: Mapping[int, str]
    """The class of its own that it raises on each status."""
    lacks: frozenset[str] = frozenset()
    """Statements that need a method or a parameter which it has not, or which fail for a fault of its own.

    By their names, or by the word before their colon.
    """
    tls: bool = False
    """Whether it comes over TLS."""

    def parameter(self) -> Any:
        """For ``pytest.mark.parametrize``: slow where ``make test`` does not prepare it."""
        marks = () if ENVIRONMENTS[self.name].quick else (pytest.mark.slow,)
        return pytest.param(self, id=self.name, marks=marks)

    def program(self) -> list[str]:
        """The command that runs its script."""
        interpreter = node() if ENVIRONMENTS[self.name].javascript else folder_of(self.name) / "bin" / "python"
        return [str(interpreter), str(SCRIPTS / self.script)]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What is asked of the client, and what it has to say."""

    about: str
    deed: str
    """A word that the script knows."""
    given: Mapping[str, Any] = field(default_factory=dict)
    expected: Any = None
    """JSON that has to be equal, or a function that raises AssertionError on what is not right."""
    refused: Mapping[str, Any] | None = None
    """What its exception has to tell: ``status``, and whatever else this vendor's exceptions hold.

    Without a status, which some do not tell, it names its ``type`` itself.
    """
    credentials: Mapping[str, str] = field(default_factory=dict)
    """Other than the account's own."""


def says(about: str, deed: str, given: Mapping[str, Any], expected: Any) -> Statement:
    """A statement about what is answered."""
    return Statement(about=about, deed=deed, given=given, expected=expected)


def refuses(
    about: str, deed: str, given: Mapping[str, Any], /, *, credentials: Mapping[str, str] | None = None, **told: Any
) -> Statement:
    """A statement about what is refused, with ``status`` and what else the exception has to tell."""
    return Statement(about=about, deed=deed, given=given, refused=told, credentials=credentials or {})


def hold(
    client: Client,
    credentials: Mapping[str, Any],
    statements: Sequence[Statement],
    authority: Path | None = None,
) -> None:
    """Ask the client for all of it, one deed after the other, and compare.

    ``authority``: a private CA's certificate that the client's machine is to trust.
    """
    asked = _asked(client, statements)
    asks = [
        {
            "deed": statement.deed,
            "given": statement.given,
            "credentials": {**credentials, **statement.credentials},
        }
        for statement in asked
    ]
    done = subprocess.run(
        client.program(),
        input=json.dumps(asks),
        capture_output=True,
        text=True,
        env=_environment(client, authority),
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, f"{client.name}: {done.stdout}\n{done.stderr}"
    answers = json.loads(done.stdout.splitlines()[-1])
    wrong = [
        f"{statement.about}: {complaint}"
        for statement, answer in zip(asked, answers, strict=True)
        if (complaint := _complaint(client, statement, answer)) is not None
    ]
    assert not wrong, f"{client.name}\n" + "\n".join(wrong)


def _asked(client: Client, statements: Sequence[Statement]) -> list[Statement]:
    """All but what the client lacks."""
    names = {statement.about: {statement.about, statement.about.partition(":")[0]} for statement in statements}
    assert len(names) == len(statements), "two statements of one name"
    unknown = client.lacks - set().union(*names.values())
    assert not unknown, f"no such statement: {unknown}"
    return [statement for statement in statements if not names[statement.about] & client.lacks]


def _complaint(client: Client, statement: Statement, answer: Mapping[str, Any]) -> str | None:
    expected: dict[str, Any] = {"said": statement.expected}
    if statement.refused is not None:
        status = statement.refused.get("status")
        named = {} if status is None else {"type": client.exceptions[status]}
        expected = {"refused": {**named, **statement.refused}}
    elif callable(statement.expected):
        if "said" not in answer:
            return f"refused with {answer['refused']}"
        try:
            statement.expected(answer["said"])
        except AssertionError as difference:
            return str(difference)
        return None
    if answer == expected:
        return None
    return f"\n    expected {_short(expected)}\n    got      {_short(answer)}"


def _short(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) < 2000 else f"{text[:2000]}…"


def _environment(client: Client, authority: Path | None) -> dict[str, str]:
    """As this process has it, but for what would lead the client elsewhere than to the server next door."""
    environment = {name: value for name, value in os.environ.items() if not ELSEWHERE.search(name)}
    environment["PYTHONWARNINGS"] = "ignore"  # the older clients' own
    if ENVIRONMENTS[client.name].javascript:
        environment["NODE_PATH"] = str(folder_of(client.name) / "node_modules")
        if authority is not None:
            environment["NODE_EXTRA_CA_CERTS"] = str(authority)
    elif authority is not None:
        environment |= {"REQUESTS_CA_BUNDLE": str(authority), "SSL_CERT_FILE": str(authority)}
    return environment
