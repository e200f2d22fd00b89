"""Custom storage credentials: the bucket in which a connection's recordings are kept; wire to core and back.

The vendor's answer shows the configuration as it was sent, keys and all, beside ``connection_id`` and ``record_type``
and not round them.
"""

from __future__ import annotations

from callvault.dialects.contract import Visit
from callvault.dialects.toolbox.jsons import json_object, json_reply
from callvault.errors import BadRequest
from callvault.model.storage import Backend, OwnStorage
from callvault.vault.own_commands import DropStorage, GetStorage, KeepStorage
from callvault.wire import WireReply

PATH = "/v2/custom_storage_credentials/{connection}"
LONGEST = 255

BACKEND: dict[Backend, str] = {
    Backend.S3: "s3",
    Backend.S3_GENERIC: "s3-generic",
    Backend.GCS: "gcs",
    Backend.AZURE: "azure",
}
BACKENDS = {word: backend for backend, word in BACKEND.items()}


def create(visit: Visit) -> KeepStorage:
    """For a connection that had none, or in place of what it had.

    Raises:
        BadRequest: the body is no JSON object, or has no backend or no configuration.
    """
    return _keep(visit, replace=False)


def update(visit: Visit) -> KeepStorage:
    """In place of what the connection had.

    Raises:
        BadRequest: the body is no JSON object, or has no backend or no configuration.
    """
    return _keep(visit, replace=True)


def retrieve(visit: Visit) -> GetStorage:
    """What the connection has."""
    return GetStorage(account_id=visit.account.id, connection_id=_connection(visit))


def delete(visit: Visit) -> DropStorage:
    """Nothing new goes there."""
    return DropStorage(account_id=visit.account.id, connection_id=_connection(visit))


def say(storage: OwnStorage, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """Three keys beside each other; 200 after a creation too."""
    word = BACKEND[storage.backend]
    return json_reply(
        {
            "connection_id": storage.connection_id,
            "record_type": "custom_storage_credentials",
            "data": {"backend": word, "configuration": {"backend": word, **storage.configuration}},
        }
    )


def say_deleted(_: None, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """204, empty."""
    return WireReply(status=204)


def _keep(visit: Visit, *, replace: bool) -> KeepStorage:
    body = json_object(visit.request.body, '{"backend": "s3", "configuration": {…}}')
    configuration = body.get("configuration")
    if not isinstance(configuration, dict):
        value = None if configuration is None else "..."
        raise BadRequest("configuration has to be a JSON object.", field="/configuration", value=value)
    return KeepStorage(
        account_id=visit.account.id,
        connection_id=_connection(visit),
        backend=_backend(body.get("backend"), configuration.get("backend")),
        configuration={name: value for name, value in configuration.items() if name != "backend"},
        replace=replace,
    )


def _backend(outside: object, inside: object) -> Backend:
    """The specification has it twice, the guide's samples have it outside alone."""
    named = [word for word in (outside, inside) if word is not None]
    if not named:
        raise BadRequest("backend is missing.", field="/backend")
    for field, word in (("/backend", outside), ("/configuration/backend", inside)):
        if word is not None and (not isinstance(word, str) or word not in BACKENDS or word != named[0]):
            known = ", ".join(BACKENDS)
            raise BadRequest(f"backend has to be one of {known}, the same in both places.", field=field, value="...")
    return BACKENDS[str(named[0])]


def _connection(visit: Visit) -> str:
    text = visit.request.parts["connection"]
    if len(text) > LONGEST:
        raise BadRequest(f"A connection's id has at most {LONGEST} characters.", field="/connection_id", value="...")
    return text
