"""The trunks as a file beside the spools: for a start while the catalogue is away.

Passwords are in it as the catalogue has them, sealed.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from callvault.model.trunk import Trunk

log = logging.getLogger("callvault.trunks")


def write_trunks(path: Path, trunks: Sequence[Trunk]) -> None:
    """Keep them; a disk that is full keeps what was there."""
    data = orjson.dumps([_document(trunk) for trunk in trunks])
    part = path.with_suffix(".part")
    try:
        if not path.exists() or path.read_bytes() != data:
            part.touch(mode=0o600)
            part.write_bytes(data)
            part.replace(path)
    except OSError as error:
        log.warning("the trunks cannot be written to %s: %s", path, error)


def read_trunks(path: Path) -> tuple[Trunk, ...]:
    """What was kept; none where nothing was, or where it is spoilt."""
    try:
        return tuple(_trunk(each) for each in orjson.loads(path.read_bytes()))
    except FileNotFoundError:
        return ()
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        log.warning("the trunks in %s cannot be read: %s", path, error)
        return ()


def _document(trunk: Trunk) -> dict[str, Any]:
    sealed = trunk.sealed_digests
    return {
        "id": str(trunk.id),
        "account_id": str(trunk.account_id),
        "name": trunk.name,
        "networks": [str(network) for network in trunk.networks],
        "username": trunk.username,
        "sealed_digests": base64.b64encode(sealed).decode() if sealed is not None else None,
        "certificate": trunk.certificate,
        "user_id": str(trunk.user_id) if trunk.user_id else None,
        "connection_id": trunk.connection_id,
        "settings": dict(trunk.settings),
        "account_policy": trunk.account_policy,
        "created_at": trunk.created_at.isoformat(),
        "updated_at": trunk.updated_at.isoformat(),
    }


def _trunk(document: dict[str, Any]) -> Trunk:
    sealed, user_id = document["sealed_digests"], document["user_id"]
    return Trunk(
        id=UUID(document["id"]),
        account_id=UUID(document["account_id"]),
        name=document["name"],
        networks=tuple(ip_network(network) for network in document["networks"]),
        username=document["username"],
        sealed_digests=base64.b64decode(sealed) if sealed is not None else None,
        certificate=document["certificate"],
        user_id=UUID(user_id) if user_id else None,
        connection_id=document["connection_id"],
        settings=document["settings"],
        account_policy=document.get("account_policy"),
        created_at=datetime.fromisoformat(document["created_at"]),
        updated_at=datetime.fromisoformat(document["updated_at"]),
    )
