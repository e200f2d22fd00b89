"""Trunks as an operator makes them: what was said is checked, and of a password only what admission needs is kept.

What does not live here: rows (``catalogue``), the check of a proof (``capture.siprec``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from uuid import UUID

import orjson

from callvault.errors import BadRequest
from callvault.model.ids import new_id
from callvault.model.policy import SETTING, Policy, write_policy
from callvault.model.recording import Direction
from callvault.model.trunk import PARTS, REALM, Digests, Parts, Trunk
from callvault.protocols.sip.digest import Algorithm, ha1
from callvault.vault.secrets import Secrets


def make_trunk(
    account_id: UUID,
    name: str,
    *,
    networks: Sequence[str] = (),
    username: str | None = None,
    password: str | None = None,
    certificate: str | None = None,
    user_id: UUID | None = None,
    connection_id: str | None = None,
    direction: str | None = None,
    parts: str | None = None,
    policy: Policy | None = None,
    secrets: Secrets,
    now: datetime,
    entropy: bytes,
) -> Trunk:
    """A new trunk.  ``entropy``: 22 random bytes (10 the id, 12 the seal's nonce).

    Raises:
        BadRequest: a network is none, half of a credential is missing, or nothing would be asked of whoever calls.
    """
    if bool(username) != bool(password):
        raise BadRequest("A user name and a password go together: one was given and the other not.", field="username")
    if not networks and username is None and certificate is None:
        raise BadRequest(
            "A trunk has to be told from strangers: give --network, --username or --certificate.", field="network"
        )
    settings: dict[str, Any] = {"direction": Direction(direction).value} if direction else {}
    if parts:
        settings[PARTS] = Parts(parts).value
    if policy is not None:
        settings[SETTING] = write_policy(policy)
    return Trunk(
        id=new_id(now, entropy[:10]),
        account_id=account_id,
        name=name,
        networks=tuple(_network(text) for text in networks),
        username=username,
        sealed_digests=_sealed(username, password, secrets, entropy[10:]) if username and password else None,
        certificate=certificate,
        user_id=user_id,
        connection_id=connection_id,
        settings=settings,
        created_at=now,
        updated_at=now,
    )


def digests_of(trunk: Trunk, secrets: Secrets) -> Digests | None:
    """What digest admission is checked with; None where the trunk has no password."""
    if trunk.sealed_digests is None:
        return None
    return Digests(**orjson.loads(secrets.unseal(trunk.sealed_digests)))


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise BadRequest(
            f"{text!r} is no network: {error}. Write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32.", field="network"
        ) from error


def _sealed(username: str, password: str, secrets: Secrets, nonce: bytes) -> bytes:
    digests = {
        "md5": ha1(Algorithm.MD5, user=username, realm=REALM, password=password),
        "sha256": ha1(Algorithm.SHA_256, user=username, realm=REALM, password=password),
    }
    return secrets.seal(orjson.dumps(digests).decode(), nonce)
