"""The receiver of webhooks keeps what comes and answers as it is told to."""

from __future__ import annotations

import threading

import httpx
import pytest

from callvault.testing.receiver import listening


def test_what_comes_is_kept_as_it_came() -> None:
    with listening() as hooks, httpx.Client(trust_env=False) as client:
        answer = client.post(hooks.url + "telnyx?a=1", content=b'{"a": [1]}', headers={"X-Signature": "s"})
        assert answer.status_code == 200
        (received,) = hooks.received
        assert (received.method, received.path, received.body) == ("POST", "/telnyx?a=1", b'{"a": [1]}')
        assert received.headers["x-signature"] == "s"
        assert received.json() == {"a": [1]}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_form_is_read_wherever_it_stands(method: str) -> None:
    with listening() as hooks, httpx.Client(trust_env=False) as client:
        if method == "GET":
            client.get(hooks.url, params={"RecordingSid": "RE1", "Empty": ""})
        else:
            client.post(hooks.url, data={"RecordingSid": "RE1", "Empty": ""})
        assert hooks.received[0].form() == {"RecordingSid": "RE1", "Empty": ""}


def test_answers_are_given_one_each_and_then_200() -> None:
    with listening() as hooks, httpx.Client(trust_env=False) as client:
        hooks.answer(503, 410)
        assert [client.post(hooks.url).status_code for _ in range(3)] == [503, 410, 200]


def test_whoever_waits_is_told_as_soon_as_it_comes() -> None:
    with listening() as hooks:
        sender = threading.Thread(target=lambda: [httpx.post(hooks.url, trust_env=False) for _ in range(2)])
        sender.start()
        assert len(hooks.wait(2)) >= 2
        sender.join()


def test_what_does_not_come_is_said() -> None:
    with listening() as hooks:
        httpx.put(hooks.url + "one", trust_env=False)
        with pytest.raises(AssertionError, match=r"2 webhooks should have come within 0.01 s; PUT /one did\."):
            hooks.wait(2, timeout_s=0.01)
        hooks.clear()
        assert hooks.received == []
