"""Wire to core."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from callvault.dialects.kazoo import words
from callvault.dialects.kazoo.metadata import ReadOnly
from callvault.errors import BadRequest, NotAllowed, NotFound, NotOffered
from callvault.model.media import MediaFormat
from callvault.vault.commands import (
    ChangeRecording,
    DeleteRecording,
    FindRecordings,
    GetRecording,
    LogIn,
    Nothing,
    OpenMedia,
)
from tests.unit.dialects.kazoo.asking import ACCOUNT, ADA, LIST, ONE, OWNED, SHOWN, read
from tests.unit.dialects.visits import ALICE, TEA_ORDER, TOKEN

OWNER = UUID(hex=ADA)
REF = words.recording_ref(words.recording_id(TEA_ORDER))
OWNED_ONE = ONE.replace("/recordings/", f"/users/{ADA}/recordings/")
BOTH = pytest.mark.parametrize(
    ("target", "owner"), [(ONE, None), (OWNED_ONE, OWNER), (ONE.replace("/v2/", "/v1/"), None)]
)


@BOTH
def test_one_document(target: str, owner: UUID | None) -> None:
    assert read(target) == GetRecording(account_id=ALICE.id, recording=REF, known_user=owner)


@BOTH
def test_its_audio_as_it_was_recorded(target: str, owner: UUID | None) -> None:
    among = (MediaFormat.WAV, MediaFormat.MP3)
    wanted = OpenMedia(account_id=ALICE.id, recording=REF, among=among, known_user=owner, relayed=True)
    assert read(f"{target}?accept=audio/mpeg") == wanted
    assert read(target, headers={"accept": "audio/mpeg"}) == wanted


@BOTH
def test_its_deletion(target: str, owner: UUID | None) -> None:
    wanted = DeleteRecording(account_id=ALICE.id, recording=REF, known_user=owner)
    assert read(target, method="DELETE", body={"data": {}}) == wanted
    assert read(f"{target}?verb=delete", method="POST") == wanted
    assert read(target, method="POST", body={"Verb": "DELETE", "data": {}}) == wanted


@BOTH
def test_what_an_app_keeps_with_it(target: str, owner: UUID | None) -> None:
    kept = {"case": {"number": 7}, "tags": ["tea"], "gone": None}
    body = {"data": {"user_metadata": kept}}
    patch = {"kazoo": {"user_metadata": kept}}
    wanted = ChangeRecording(account_id=ALICE.id, recording=REF, extras_patch=patch, known_user=owner)
    assert read(target, method="PATCH", body=body) == wanted
    assert read(f"{target}?verb=patch", method="POST", body=body) == wanted
    assert read(target, method="POST", body={**body, "verb": "PATCH"}) == wanted


def test_all_that_an_app_keeps_is_taken_away_by_null() -> None:
    command = read(ONE, method="PATCH", body={"data": {"user_metadata": None}})
    assert isinstance(command, ChangeRecording)
    assert command.extras_patch == {"kazoo": {"user_metadata": None}}


def test_a_change_of_nothing_changes_nothing() -> None:
    command = read(ONE, method="PATCH", body={"data": {}})
    assert isinstance(command, ChangeRecording)
    assert command.extras_patch is None


@pytest.mark.parametrize("field", ["id", "duration", "name", "accept", "page_size"])
def test_what_only_kazoo_writes_cannot_be_changed(field: str) -> None:
    with pytest.raises(ReadOnly, match="Read-only property") as caught:
        read(ONE, method="PATCH", body={"data": {"user_metadata": {}, field: "x"}})
    assert caught.value.field == field


@pytest.mark.parametrize("kept", ["tea", ["tea"], 7, True, {"a": "\0"}])
def test_what_an_app_keeps_is_an_object_of_sound_values(kept: Any) -> None:
    with pytest.raises(BadRequest):
        read(ONE, method="PATCH", body={"data": {"user_metadata": kept}})


def test_other_tunnelled_verbs() -> None:
    assert isinstance(read(f"{ONE}?verb=get", method="POST"), GetRecording)
    assert isinstance(read(ONE, method="POST", body={"verb": "get", "accept": "audio/mp3"}), OpenMedia)
    for listed in (LIST, OWNED):
        assert isinstance(read(f"{listed}?verb=Get", method="POST"), FindRecordings)


@pytest.mark.parametrize(
    ("target", "allowed"),
    [
        (ONE, ("GET", "DELETE", "PATCH")),
        (f"{ONE}?verb=put", ("GET", "DELETE", "PATCH")),
        (f"{LIST}?verb=delete", ("GET",)),
        (f"{OWNED}?verb=delete", ("GET",)),
    ],
)
def test_a_verb_that_is_not_offered(target: str, allowed: tuple[str, ...]) -> None:
    with pytest.raises(NotOffered) as caught:
        read(target, method="POST")
    assert caught.value.allowed == allowed


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_another_account_is_forbidden_and_a_name_is_none(method: str) -> None:
    with pytest.raises(NotAllowed):
        read(ONE.replace(ALICE.id.hex, ADA), method=method)
    for name in ("alice", str(ALICE.id), ALICE.id.hex.upper()):
        with pytest.raises(NotFound) as caught:
            read(ONE.replace(ALICE.id.hex, name), method=method)
        assert caught.value.kind == "account"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_user_has_an_id(method: str) -> None:
    with pytest.raises(NotFound) as caught:
        read(OWNED_ONE.replace(ADA, "ada"), method=method)
    assert (caught.value.kind, caught.value.name) == ("user", "ada")
    with pytest.raises(NotFound):
        read(OWNED.replace(ADA, "ada"))


def test_an_id_in_another_form_is_asked_for_as_an_alias() -> None:
    command = read(f"{LIST}/call-7")
    assert isinstance(command, GetRecording)
    assert (command.recording.text, command.recording.computed) == ("call-7", None)


def key_log_in(data: Any) -> Any:
    return read("/v2/api_auth", method="PUT", body={"data": data}, anonymous=True)


def user_log_in(data: Any) -> Any:
    return read("/v2/user_auth", method="PUT", body={"data": data}, anonymous=True)


def test_a_log_in_by_key() -> None:
    assert key_log_in({"api_key": TOKEN}) == LogIn(api_key=TOKEN)


@pytest.mark.parametrize("key", ["", None, "f" * 63, "f" * 65, 7, ["f"]])
def test_a_key_has_64_characters(key: Any) -> None:
    with pytest.raises(BadRequest) as caught:
        key_log_in({"api_key": key})
    assert caught.value.field == "api_key"


@pytest.mark.parametrize("name", ["account_name", "account_realm", "realm"])
def test_a_log_in_by_name_and_password(name: str) -> None:
    digest = "0123456789ABCDEF0123456789abcdef"
    assert user_log_in({"credentials": digest, name: "acme"}) == LogIn(
        account_name="acme", method="md5", digest=digest.lower()
    )


@pytest.mark.parametrize(("said", "method"), [("md5", "md5"), ("sha", "sha"), ("sha1", "sha")])
def test_the_hash_method(said: str, method: str) -> None:
    assert user_log_in({"credentials": "0", "method": said, "account_name": "acme"}).method == method


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"account_name": "acme"}, "credentials"),
        ({"credentials": "", "account_name": "acme"}, "credentials"),
        ({"credentials": "0" * 65, "account_name": "acme"}, "credentials"),
        ({"credentials": 0, "account_name": "acme"}, "credentials"),
        ({"credentials": "0", "method": "crc", "account_name": "acme"}, "method"),
        ({"credentials": "0", "method": ["md5"], "account_name": "acme"}, "method"),
        ({"credentials": "0"}, "account_name"),
        ({"credentials": "0", "account_name": ""}, "account_name"),
        ({"credentials": "0", "account_name": 7}, "account_name"),
        ({"credentials": "0", "phone_number": "+12025550143"}, "phone_number"),
    ],
)
def test_a_log_in_that_cannot_be_understood(data: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest) as caught:
        user_log_in(data)
    assert caught.value.field == field


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'{"data": []}', b'{"api_key": "x"}', b"\xff"])
@pytest.mark.parametrize("path", ["/v2/api_auth", "/v2/user_auth"])
def test_a_log_in_comes_in_an_envelope(path: str, body: bytes) -> None:
    with pytest.raises(BadRequest) as caught:
        read(path, method="PUT", body=body, anonymous=True)
    assert caught.value.field == "json"


def test_whose_token_it_is() -> None:
    assert read("/v2/token_auth", headers=SHOWN) == Nothing()
    assert read(f"{ACCOUNT}/recordings", method="OPTIONS", anonymous=True) == Nothing()
