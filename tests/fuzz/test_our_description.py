"""Our own API is what its description says: Schemathesis makes requests of it, good and bad, and judges the answers."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, CheckFunction
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode as Mode
from schemathesis.generation.case import Case

from callvault.dialects import registry
from callvault.dialects.callvault.operation import Operation
from callvault.dialects.callvault.operations import OPERATIONS
from callvault.model.policy import RECORD_ALL
from callvault.server.http import App
from tests.asgi import Answer, ask
from tests.contract.neighbours import ALICES_TOKEN, neighbourhood
from tests.fuzz.house import HANG_S
from tests.fuzz.shapes import check
from tests.wheel import recorder
from tests.world import BASE_URL, NOW, tone_of_silence

KINDS = [(operation, Mode.POSITIVE) for operation in OPERATIONS] + [
    (operation, Mode.NEGATIVE)
    for operation in OPERATIONS
    if any(operation.parameters) or "{" in operation.path or operation.takes
]
every_kind = pytest.mark.parametrize(
    ("operation", "mode"), KINDS, ids=[f"{operation.id}-{mode.value}" for operation, mode in KINDS]
)

QUICK = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
JUDGES = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
]
SENT = ("method", "url", "headers", "params", "data", "json", "cookies", "files")
KEY = {"Authorization": f"Bearer {ALICES_TOKEN}"}
HOOK = {"dialect": "callvault", "url": "https://hooks.example.org/calls"}
REAL: dict[str | None, dict[str, Any]] = {
    "NewHook": HOOK,
    "Wish": {"format": "mp3", "channels": 2, "label": "Tea order", "push": {"url": "https://in.example.org/a"}},
    "Change": {"to": "paused", "silent": True},
    "Policy": {"rules": [{"name": "sales", "callee": "+4420*", "percent": 50}], "record": False},
}
"""Bodies that the description allows, and that can be heeded."""
ELSEWHERE = {"listenIn": 409}
"""What is promised where it cannot be done at this node, and is all that can be had here: a sound without an end."""
DESCRIPTION = "/callvault/v1/openapi.json"
Value = TypeVar("Value")
WAV = tone_of_silence(1, 300)


class Described:
    """The application with a few recordings, and what it says of itself."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        folder = Path(self._stack.enter_context(TemporaryDirectory()))
        self.street = self.run(self._stack.enter_async_context(neighbourhood(folder)))
        world = self.street.world
        self.app = App(world.vault, world.router, registry.load()[-1], {"base_url": BASE_URL}, lambda: NOW)
        self.names = [str(self.run(self.street.record()).id) for _ in range(3)]
        self.added()  # what went there is looked at and replayed, so this one stays
        self.run(ask(self.app, "POST", "/callvault/v1/recordings", list(KEY.items()), tone_of_silence(1, 310)))
        told = self.run(ask(self.app, "GET", "/callvault/v1/deliveries", list(KEY.items()))).json()
        self.deliveries = [delivery["id"] for delivery in told["deliveries"]]
        self.hook = self.added()
        self.recorder = self.run(
            self._stack.enter_async_context(recorder(world.vault, self.street.alice.account_id, lambda: NOW))
        )
        self.schema = schemathesis.openapi.from_dict(self.run(ask(self.app, "GET", DESCRIPTION)).json())

    def run(self, deed: Coroutine[Any, Any, Value]) -> Value:
        """Do it in the one event loop that all of this lives in."""
        return self._runner.run(asyncio.wait_for(deed, HANG_S))

    def ask(self, request: requests.PreparedRequest) -> Answer:
        """Send a request as it is."""
        url = urlsplit(str(request.url))
        target = url.path + (f"?{url.query}" if url.query else "")
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        assert isinstance(body, bytes)
        headers = [(_text(name), _text(value)) for name, value in request.headers.items()]
        answer = self.run(ask(self.app, str(request.method), target, headers, body))
        if request.method == "DELETE" and answer.status == 204:
            if "/hooks/" in url.path:
                self.hook = self.added()
            self.names[:] = [str(self.run(self.street.record()).id) for _ in self.names]
        return answer

    def added(self) -> str:
        """A hook that is in force: its id."""
        reply = self.run(ask(self.app, "POST", "/callvault/v1/hooks", list(KEY.items()), json.dumps(HOOK).encode()))
        return str(reply.json()["id"])

    def call(self) -> str:
        """A call that is being received and recorded: its take."""
        return str(self.run(self.recorder.call(RECORD_ALL, began_at=NOW)).take)

    def link(self, name: str) -> tuple[str, dict[str, list[str]]]:
        """A link that opens this recording: its last segment and its parameters."""
        path = f"/callvault/v1/recordings/{name}/link"
        url = urlsplit(self.run(ask(self.app, "GET", path, list(KEY.items()))).json()["url"])
        return url.path.rpartition("/")[2], parse_qs(url.query)

    def close(self) -> None:
        """Take it down."""
        self.run(self._stack.aclose())
        self._runner.close()


@pytest.fixture(scope="module")
def described() -> Iterator[Described]:
    opened = Described()
    yield opened
    opened.close()


def test_these_are_all_operations(described: Described) -> None:
    said = {(method.upper(), path) for path, item in described.schema.items() for method in item}
    assert said >= {(operation.method, operation.path) for operation in OPERATIONS}


@every_kind
def test_an_answer_is_what_the_description_promises(described: Described, operation: Operation, mode: Mode) -> None:
    hold(described, operation, mode, QUICK)


@pytest.mark.slow
@every_kind
def test_a_hundred_answers_and_more_are_what_the_description_promises(
    described: Described, operation: Operation, mode: Mode
) -> None:
    hold(described, operation, mode, LONG)


def hold(described: Described, operation: Operation, mode: Mode, effort: settings) -> None:
    """Make requests, good or bad by the description, and hold the answers to it."""
    judges = cast("list[CheckFunction]", CHECKS.get_by_names(JUDGES))
    strategy = described.schema[operation.path][operation.method].as_strategy(generation_mode=mode)
    answers: Counter[int] = Counter()

    @effort
    @given(case=strategy, chance=st.randoms(use_true_random=False))
    def run(case: Case[Any], chance: Random) -> None:
        if mode is Mode.POSITIVE:
            make_real(case, operation, described, chance)
        said = case.as_transport_kwargs(base_url=BASE_URL)
        request = requests.Request(**{name: said[name] for name in SENT if name in said}).prepare()
        if mode is Mode.POSITIVE or "authorization" not in request.headers or chance.random() < 0.9:
            request.headers.update(KEY)
        answer = described.ask(request)
        answers[answer.status] += 1
        check(answer, "callvault", operation.method, str(request.url).encode())
        headers = {name: [value for key, value in answer.headers if key == name] for name, _ in answer.headers}
        told = Response(
            status_code=answer.status,
            headers=headers,
            content=answer.body,
            request=request,
            elapsed=0.0,
            verify=False,
        )
        case.validate_response(told, checks=judges)

    run()
    if mode is Mode.POSITIVE:
        assert any(status < 300 for status in answers) or answers[ELSEWHERE.get(operation.id, 0)], answers


def make_real(case: Case[Any], operation: Operation, described: Described, chance: Random) -> None:
    """What no description can tell: what there is, a signature that fits, audio that is some, a URL that is public."""
    name = chance.choice(described.names)
    if "recording" in case.path_parameters and chance.random() < 0.8:
        case.path_parameters["recording"] = name
    if "name" in case.path_parameters and chance.random() < 0.8:
        case.path_parameters["name"], signed = described.link(name)
        case.query = {key: value for key, value in case.query.items() if key == "download"} | signed
    for word, names in (("hook", [described.hook]), ("delivery", described.deliveries)):
        if word in case.path_parameters and chance.random() < 0.8:
            case.path_parameters[word] = chance.choice(names)
    if operation.takes in REAL and chance.random() < 0.5:
        case.body = REAL[operation.takes]
    if "call" in case.path_parameters and chance.random() < 0.8:
        case.path_parameters["call"] = described.call()
    if "which" in case.path_parameters and chance.random() < 0.8:
        case.path_parameters["which"] = chance.choice(("current", "all"))
    if operation.takes_audio and chance.random() < 0.8:
        case.body = WAV
        if chance.random() < 0.5:
            for word in ("started_at", "ended_at", "created_at"):  # years that no archive has
                case.query.pop(word, None)
            case.headers.pop("Callvault-Card", None)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
