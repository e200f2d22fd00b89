"""The JSON documents of hooks and deliveries in our own API, which the command line prints too."""

from __future__ import annotations

import base64
from typing import Any

from callvault.dialects.callvault.words import BASE
from callvault.dialects.toolbox.times import iso_ms
from callvault.model.hook import Attempt, Delivery, DeliveryState, Hook
from callvault.vault.hook_commands import LoggedDelivery


def hook_object(hook: Hook, base_url: str) -> dict[str, Any]:
    """A hook without its password; what it does not have is left out."""
    document: dict[str, Any] = {
        "id": str(hook.id),
        "dialect": hook.dialect,
        "url": hook.url,
        "method": hook.method,
        "events": sorted(hook.events),
        "options": dict(hook.options),
        "created_at": iso_ms(hook.created_at),
    }
    if hook.failover_url is not None:
        document["failover_url"] = hook.failover_url
    if hook.recording_id is not None:
        document["recording_id"] = str(hook.recording_id)
    if hook.username is not None:
        document["username"] = hook.username
    document["links"] = {
        "self": f"{base_url}{BASE}/hooks/{hook.id}",
        "deliveries": f"{base_url}{BASE}/deliveries?hook_id={hook.id}",
    }
    return document


def delivery_object(delivery: Delivery, base_url: str) -> dict[str, Any]:
    """How far an event has come on its way to a hook."""
    document: dict[str, Any] = {
        "id": str(delivery.id),
        "hook_id": str(delivery.hook_id),
        "recording_id": str(delivery.event.recording_id),
        "event_id": str(delivery.event.id),
        "type": delivery.event.kind.value,
        "timestamp": iso_ms(delivery.event.at),
        "state": delivery.state.value,
        "attempts": delivery.attempts,
    }
    if delivery.state is DeliveryState.WAITING:
        document["due_at"] = iso_ms(delivery.due_at)
    document["links"] = {"self": f"{base_url}{BASE}/deliveries/{delivery.id}"}
    return document


def logged_delivery_object(logged: LoggedDelivery, base_url: str) -> dict[str, Any]:
    """A delivery, and its attempts, oldest first."""
    return delivery_object(logged.delivery, base_url) | {"log": [_attempt(attempt) for attempt in logged.attempts]}


def _attempt(attempt: Attempt) -> dict[str, Any]:
    document: dict[str, Any] = {
        "at": iso_ms(attempt.at),
        "took_ms": attempt.took_ms,
        "method": attempt.method,
        "url": attempt.url,
        "headers": [{"name": name, "value": value} for name, value in attempt.headers],
        **_bytes("body", attempt.body),
    }
    if attempt.status is not None:
        document |= {"status": attempt.status, **_bytes("answer", attempt.answer)}
    if attempt.failure is not None:
        document |= {"failure": attempt.failure.value, "error": attempt.error}
    return document


def _bytes(name: str, content: bytes) -> dict[str, str]:
    """As text where they are some, in base64 where they are not."""
    try:
        return {name: content.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(content).decode()}
