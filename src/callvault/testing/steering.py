"""JSON to and from the emulator's own routes and our own API, with nothing but the standard library."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from typing import Any

from callvault.errors import BadRequest, CallvaultError, HouseError

EMULATOR = "/emulator"
PATIENCE_S = 60.0


class Steering:
    """Talks to one emulator.  ``url``: of the server."""

    def __init__(self, url: str) -> None:
        self._base = f"{url}/callvault/v1"
        trusting = ssl.create_default_context()
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE  # it is next door, and its certificate is of the test's own making
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting)
        )

    def ask(
        self,
        method: str,
        path: str = EMULATOR,
        body: Any = None,  # noqa: ANN401 - JSON values
        *,
        key: str | None = None,
    ) -> dict[str, Any]:
        """What is answered: by the emulator's own routes, the state that comes of it.

        Raises:
            BadRequest: the emulator refused it, with its sentence.
            HouseError: the emulator failed.
            OSError: it cannot be reached.
        """
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if content else {}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        request = urllib.request.Request(self._base + path, content, headers, method=method)  # noqa: S310 - our own URL
        try:
            with self._opener.open(request, timeout=PATIENCE_S) as answer:
                state: dict[str, Any] = json.load(answer)
                return state
        except urllib.error.HTTPError as error:
            raise _refusal(error) from error


def _refusal(error: urllib.error.HTTPError) -> CallvaultError:
    with error:
        problem = json.load(error)
    kind = BadRequest if error.code < 500 else HouseError
    return kind(problem["detail"])
