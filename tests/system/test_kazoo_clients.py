"""Kazoo's own Python client against a running server, and what Kazoo itself sends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from callvault.dialects.toolbox.times import gregorian
from tests.system.archive import CARDS, LAST, MONO, OUTBOUND, SIP_CALL, Filled, fill
from tests.system.conversation import Client, Statement, hold, says
from tests.system.running import Running

PASSWORD = "two teas"
CLIENTS = (
    # It tells no status: its exceptions have a sentence, or the fields to blame.
    Client(name="kazoo", script="kazoo_0.py", exceptions={}),
)
UNKNOWN = "202601-00112233445566778899aabbccddeeff"


@pytest.mark.parametrize("client", [client.parameter() for client in CLIENTS])
def test_kazoo(client: Client, server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, client.name, PASSWORD)
    statements = [*log_ins(filled), *lists(filled), *one(filled), *kept_by_an_app(filled), *deletions(filled)]
    hold(client, filled.credentials("kazoo"), statements)


def fails(
    about: str,
    deed: str,
    given: Mapping[str, object],
    type_: str,
    credentials: dict[str, str] | None = None,
    **told: object,
) -> Statement:
    return Statement(
        about=about, deed=deed, given=given, refused={"type": type_, **told}, credentials=credentials or {}
    )


def log_ins(filled: Filled) -> list[Statement]:
    account_id, name = filled.credentials("kazoo")["account_id"], filled.account["account"]["name"]
    user = {"username": f"user-of-{name}", "password": PASSWORD, "account_name": name}
    user_id = filled.user_id.replace("-", "")
    newest_first = filled.names("kazoo", "recording_id")[::-1]
    return [
        says("a log-in by key", "log_in", {}, [account_id, name, None]),
        Statement(about="a log-in by password", deed="log_in", expected=[account_id, name, user_id], credentials=user),
        Statement(about="what a user may list", deed="list", expected=newest_first, credentials=user),
        fails("a wrong key", "log_in", {}, "KazooApiError", {"api_key": "0" * 64}, message="bad identifier"),
        fails(
            "a wrong password",
            "log_in",
            {},
            "KazooApiAuthenticationError",
            {**user, "password": "no"},
            message="Invalid credentials",
        ),
        says("a stale token", "list_with_a_stale_token", {}, newest_first),
        fails(
            "a stale token and a wrong password",
            "list_with_a_stale_token_and_no_key",
            {},
            "KazooApiAuthenticationError",
            user,
            message="Invalid credentials",
        ),
    ]


def lists(filled: Filled) -> list[Statement]:
    ids = filled.names("kazoo", "recording_id")
    newest_first = ids[::-1]
    third = gregorian(datetime.fromisoformat(filled.created(2)))
    three_pages = [newest_first[:2], newest_first[2:4], newest_first[4:]]
    return [
        says("all, newest first", "list", {}, newest_first),
        says("all, by the older version", "list_old_version", {}, newest_first),
        says("all at once", "unpaged", {}, newest_first),
        says("two by two", "pages", {"page_size": 2}, three_pages),
        says("two by two, oldest first", "pages", {"page_size": 2, "ascending": "true"}, [ids[:2], ids[2:4], ids[4:]]),
        says("two by two, of a window", "pages", {"page_size": 2, "created_from": third}, [newest_first[:2], [ids[2]]]),
        says("of a user", "list_user", {"user": filled.user_id.replace("-", "")}, [ids[LAST]]),
        fails("of nobody", "list_user", {"user": "0" * 32}, "KazooApiError", message="bad_identifier"),
        says("made since, included", "search", {"created_from": third}, newest_first[:3]),
        says("made until, included", "search", {"created_to": third}, newest_first[2:]),
        says("made in a second", "search", {"created_from": third, "created_to": third}, [ids[2]]),
        says("outbound", "search", {"filter_direction": "outbound"}, [ids[OUTBOUND]]),
        says("of an owner", "search", {"filter_owner_id": filled.user_id.replace("-", "")}, [ids[LAST]]),
        says("of a call", "search", {"filter_call_id": SIP_CALL}, [ids[LAST]]),
        says("by a caller", "search", {"filter_caller_id_number": "+12025550102"}, [ids[1]]),
        says("for a callee", "search", {"filter_callee_id_number": "+12025550199"}, [ids[1], ids[0]]),
        says("changed since, included", "search", {"modified_from": third, "modified_to": third + 10**9}, newest_first),
        says("changed until", "search", {"modified_to": third - 10**9}, []),
        says(
            "inbound, the other way round",
            "search",
            {"filter_not_direction": "outbound"},
            [*ids[:1:-1][:2], *ids[1::-1]],
        ),
        says("of one duration", "search", {"filter_duration_ms": "1400"}, [ids[LAST]]),
        says("of several durations", "search", {"filter_duration_ms": "[1400,1300]"}, newest_first[:2]),
        says("with an owner", "search", {"has_key": "owner_id"}, [ids[LAST]]),
        says("without an owner", "search", {"key_missing": "owner_id"}, newest_first[1:]),
        says("with a caller", "search", {"has_value": "caller_id_number"}, [ids[LAST], ids[1], ids[0]]),
        says("without a caller", "search", {"value_missing": "caller_id_number"}, [ids[3], ids[2]]),
        says(
            "without an owner, two by two",
            "pages",
            {"key_missing": "owner_id", "page_size": 2},
            [ids[3:1:-1], ids[1::-1]],
        ),
        says("all as a table", "table", {}, newest_first),
        fails(
            "an account that is another's", "list", {}, "KazooApiError", {"account_id": "0" * 32}, message="forbidden"
        ),
        fails("no page at all", "search", {"page_size": 0}, "KazooApiError", message="faulty_request"),
        fails(
            "a window that ends before it begins",
            "search",
            {"created_from": third + 1, "created_to": third},
            "KazooApiBadDataError",
            fields={
                "created_from": {
                    "date_range": {
                        "message": f"created_to {third} is before created_from {third + 1}.",
                        "cause": str(third + 1),
                    }
                }
            },
        ),
    ]


def one(filled: Filled) -> list[Statement]:
    ids = filled.names("kazoo", "recording_id")
    last = {"recording": ids[LAST]}
    return [
        says(
            "one",
            "get",
            last,
            {
                "id": ids[LAST],
                "call_id": SIP_CALL,
                "caller_id_number": "+12025550105",
                "callee_id_number": "+12025550198",
                "direction": "inbound",
                "duration": 1,
                "duration_ms": 1400,
                "start": gregorian(datetime.fromisoformat(CARDS[LAST]["started_at"])),
                "content_type": "audio/x-wav",
                "media_type": "wav",
            },
        ),
        says("one in the list", "kinds", last, [["audio/x-wav"]]),
        says("its audio", "download", last, filled.exactly(LAST)),
        says("its audio, for a browser", "download_by_query", last, filled.exactly(LAST)),
        says("a piece of its audio", "piece", {**last, "first": 44, "last": 47}, 4),
        says("what is known already", "again", last, [304, 304]),
        says("audio of one channel", "download", {"recording": ids[MONO]}, filled.exactly(MONO)),
        fails("one that is not there", "get", {"recording": UNKNOWN}, "KazooApiError", message="bad_identifier"),
        fails("what has no such id", "get", {"recording": "nonsense"}, "KazooApiError", message="bad identifier"),
    ]


def kept_by_an_app(filled: Filled) -> list[Statement]:
    last = {"recording": filled.names("kazoo", "recording_id")[LAST]}
    return [
        says("keeping", "keep", {**last, "metadata": {"case": {"number": "7"}, "tags": ["tea"]}}, None),
        says("what was kept", "kept", last, {"case": {"number": "7"}, "tags": ["tea"]}),
        says("by what was kept", "search", {"filter_user_metadata.case.number": "7"}, [last["recording"]]),
        says(
            "by a list that was kept",
            "search",
            {"filter_array_intersect_any_user_metadata.tags": '["tea","milk"]'},
            [last["recording"]],
        ),
        says("taking away", "keep", {**last, "metadata": {"case": None}}, None),
        says("what is left of it", "kept", last, {"tags": ["tea"]}),
        fails(
            "keeping what only Kazoo writes",
            "rename",
            {**last, "name": "tea.mp3"},
            "KazooApiBadDataError",
            fields={"name": {"forbidden": {"message": "Read-only property"}}},
        ),
    ]


def deletions(filled: Filled) -> list[Statement]:
    ids = filled.names("kazoo", "recording_id")
    last = {"recording": ids[LAST]}
    return [
        says("deleting", "delete", last, [ids[LAST], True]),
        fails("what was deleted", "get", last, "KazooApiError", message="bad_identifier"),
        fails("deleting again", "delete", last, "KazooApiError", message="bad_identifier"),
        says("deleting by another verb", "delete_tunnelled", {"recording": ids[0]}, ids[0]),
        says("what is left", "list", {}, ids[3:0:-1]),
    ]


def test_what_kazoo_pushes_it_reads_back(server: Running, tmp_path: Path) -> None:
    filled = fill(server, tmp_path, "pushed")
    told = filled.credentials("kazoo")
    content = bytes(range(256)) * 64
    wav = b"RIFF" + (36 + len(content)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    wav += bytes.fromhex("0100010040 1f0000 803e0000 0200 1000".replace(" ", "")) + b"data"
    wav += len(content).to_bytes(4, "little") + content
    recording_id = "202601-00112233445566778899aabbccddeeff"
    query = f"from=1000%40acme.example&to=2000%40acme.example&call_id=abc-1%40pbx&recording_id={recording_id}"
    url = f"{told['push_url']}/call_recording_abc-1@pbx.wav?{query}"
    for _ in range(2):  # Kazoo sends again when it did not hear our answer
        assert httpx.put(url, content=wav, timeout=30).is_success
    assert httpx.get(url, timeout=30).content == wav
    base = f"{told['base_url']}/accounts/{told['account_id']}/recordings"
    headers = {"X-Auth-Token": told["api_key"]}
    document = httpx.get(f"{base}/{recording_id}", headers=headers, timeout=30).json()["data"]
    assert (document["from"], document["to"]) == ("1000@acme.example", "2000@acme.example")
    assert len(httpx.get(base, headers=headers, timeout=30).json()["data"]) == len(CARDS) + 1
