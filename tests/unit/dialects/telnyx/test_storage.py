"""Telnyx's storage credentials: both forms of the body, four backends, and the answer's odd shape."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from callvault.dialects.contract import Visit
from callvault.dialects.telnyx import storage
from callvault.errors import BadRequest
from callvault.model.storage import Backend, OwnStorage
from callvault.vault.own_commands import DropStorage, GetStorage, KeepStorage
from tests.unit.dialects.visits import ALICE, NOW, document, visit

TRUNK = "2100000000000000001"
KEYS = {"bucket": "calls", "region": "eu-west-1", "aws_access_key_id": "AKEXAMPLE", "aws_secret_access_key": "made up"}


def asking(body: object = b"", connection: str = TRUNK) -> Visit:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return visit(method="POST", parts={"connection": connection}, body=raw)


def test_every_backend_has_a_word() -> None:
    assert set(storage.BACKEND) == set(Backend)
    assert set(storage.BACKENDS) == {"s3", "s3-generic", "gcs", "azure"}


@pytest.mark.parametrize(
    "body",
    [
        {"backend": "s3", "configuration": KEYS},
        {"backend": "s3", "configuration": {"backend": "s3", **KEYS}},
        {"configuration": {"backend": "s3", **KEYS}},
    ],
)
def test_the_backend_may_stand_in_either_place(body: dict[str, Any]) -> None:
    assert storage.create(asking(body)) == KeepStorage(
        account_id=ALICE.id, connection_id=TRUNK, backend=Backend.S3, configuration=KEYS, replace=False
    )


@pytest.mark.parametrize(("word", "backend"), storage.BACKENDS.items())
def test_every_backend_is_heard(word: str, backend: Backend) -> None:
    assert storage.create(asking({"backend": word, "configuration": {}})).backend is backend


def test_an_update_needs_something_to_replace() -> None:
    assert storage.update(asking({"backend": "s3", "configuration": KEYS})).replace


def test_one_is_got_and_deleted_by_its_connection() -> None:
    assert storage.retrieve(asking()) == GetStorage(account_id=ALICE.id, connection_id=TRUNK)
    assert storage.delete(asking()) == DropStorage(account_id=ALICE.id, connection_id=TRUNK)


@pytest.mark.parametrize(
    ("body", "field", "told"),
    [
        ({"configuration": KEYS}, "/backend", False),
        ({"backend": "ftp", "configuration": KEYS}, "/backend", True),
        ({"backend": 3, "configuration": KEYS}, "/backend", True),
        ({"backend": ["s3"], "configuration": KEYS}, "/backend", True),
        ({"backend": "s3", "configuration": {"backend": "gcs", **KEYS}}, "/configuration/backend", True),
        ({"backend": "s3"}, "/configuration", False),
        ({"backend": "s3", "configuration": [KEYS]}, "/configuration", True),
        ([], None, False),
        (b"", None, False),
        (b"{", None, False),
    ],
)
def test_a_body_that_does_not_say_where_is_refused(body: object, field: str | None, told: bool) -> None:
    for read in (storage.create, storage.update):
        with pytest.raises(BadRequest) as refused:
            read(asking(body))
        assert (refused.value.field, refused.value.value is not None) == (field, told)


def test_a_connection_of_endless_length_is_refused() -> None:
    for read in (storage.retrieve, storage.delete):
        assert read(asking(connection="x" * 255)).connection_id == "x" * 255
        with pytest.raises(BadRequest):
            read(asking(connection="x" * 256))


def test_the_answer_shows_what_was_sent_beside_the_connection() -> None:
    kept = OwnStorage(
        account_id=ALICE.id,
        connection_id=TRUNK,
        backend=Backend.S3_GENERIC,
        configuration=KEYS,
        created_at=NOW,
        updated_at=NOW,
    )
    reply = storage.say(kept, asking())
    assert reply.status == 200
    assert document(reply) == {
        "connection_id": TRUNK,
        "record_type": "custom_storage_credentials",
        "data": {"backend": "s3-generic", "configuration": {"backend": "s3-generic", **KEYS}},
    }
    assert "made up" not in repr(kept)


def test_a_deletion_says_nothing() -> None:
    reply = storage.say_deleted(None, asking())
    assert (reply.status, reply.body) == (204, b"")
