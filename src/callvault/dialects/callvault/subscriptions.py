"""Hooks and deliveries in our own API: what is asked, and what is answered.

What a new hook may say is ``new_hooks``, what documents look like ``notice_documents``, and what our own hooks tell
``hooks``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from callvault.dialects.callvault import notice_operations as operations
from callvault.dialects.callvault import notice_parameters as p
from callvault.dialects.callvault.asked import Asked
from callvault.dialects.callvault.new_hooks import read_new_hook
from callvault.dialects.callvault.notice_documents import delivery_object, hook_object, logged_delivery_object
from callvault.dialects.callvault.words import JSON
from callvault.dialects.contract import Visit
from callvault.dialects.toolbox.ids import read_uuid
from callvault.dialects.toolbox.jsons import json_reply
from callvault.errors import NotFound
from callvault.model.hook import Delivery, DeliveryQuery, Hook
from callvault.model.query import Slice
from callvault.vault.hook_commands import (
    AddHook,
    FindDeliveries,
    FindHooks,
    GetDelivery,
    GetHook,
    LoggedDelivery,
    RemoveHook,
    ReplayDelivery,
)
from callvault.wire import WireReply


def add(visit: Visit) -> AddHook:
    """A new hook."""
    Asked(visit.request, operations.ADD_HOOK.parameters)
    return AddHook(account_id=visit.account.id, **read_new_hook(visit.request.body))


def find(visit: Visit) -> FindHooks:
    """The hooks in force."""
    asked = Asked(visit.request, p.FIND_HOOKS)
    return FindHooks(account_id=visit.account.id, recording_id=asked[p.ONLY_OF])


def get(visit: Visit) -> GetHook:
    """One hook."""
    Asked(visit.request, operations.GET_HOOK.parameters)
    return GetHook(account_id=visit.account.id, hook_id=_named(visit, "hook"))


def remove(visit: Visit) -> RemoveHook:
    """No longer in force."""
    Asked(visit.request, operations.REMOVE_HOOK.parameters)
    return RemoveHook(account_id=visit.account.id, hook_id=_named(visit, "hook"))


def find_deliveries(visit: Visit) -> FindDeliveries:
    """A page of deliveries."""
    asked = Asked(visit.request, p.FIND_DELIVERIES)
    return FindDeliveries(
        query=DeliveryQuery(
            account_id=visit.account.id,
            hook_id=asked[p.HOOK_ID],
            recording_id=asked[p.RECORDING_ID],
            state=asked[p.STATE],
            limit=asked[p.LIMIT],
            before=asked[p.AFTER],
        )
    )


def get_delivery(visit: Visit) -> GetDelivery:
    """One delivery with its log."""
    Asked(visit.request, operations.GET_DELIVERY.parameters)
    return GetDelivery(account_id=visit.account.id, delivery_id=_named(visit, "delivery"))


def replay(visit: Visit) -> ReplayDelivery:
    """Once more."""
    Asked(visit.request, operations.REPLAY.parameters)
    return ReplayDelivery(account_id=visit.account.id, delivery_id=_named(visit, "delivery"))


def say_added(hook: Hook, visit: Visit) -> WireReply:
    """201, and where it is."""
    document = hook_object(hook, visit.terms.base_url)
    location = (("location", document["links"]["self"]),)
    return json_reply(document, status=201, content_type=JSON, headers=location)


def say_hooks(hooks: Sequence[Hook], visit: Visit) -> WireReply:
    """All of them: an account has few."""
    return json_reply({"hooks": [hook_object(hook, visit.terms.base_url) for hook in hooks]}, content_type=JSON)


def say_hook(hook: Hook, visit: Visit) -> WireReply:
    """One of them."""
    return json_reply(hook_object(hook, visit.terms.base_url), content_type=JSON)


def say_removed(_: Hook, visit: Visit) -> WireReply:  # noqa: ARG001 - one shape for all
    """204, empty."""
    return WireReply(status=204)


def say_deliveries(page: Slice[Delivery], visit: Visit) -> WireReply:
    """A page, and where the next one is."""
    base_url = visit.terms.base_url
    document: dict[str, Any] = {
        "deliveries": [delivery_object(delivery, base_url) for delivery in page.items],
        "next": None,
        "links": {},
    }
    headers: tuple[tuple[str, str], ...] = ()
    if page.more and page.items:
        token = str(page.items[-1].id)
        query = [pair for pair in visit.request.query if pair[0] != p.AFTER.name]
        url = f"{base_url}{operations.FIND_DELIVERIES.path}?{urlencode([*query, (p.AFTER.name, token)])}"
        document |= {"next": token, "links": {"next": url}}
        headers = (("link", f'<{url}>; rel="next"'),)
    return json_reply(document, content_type=JSON, headers=headers)


def say_delivery(logged: LoggedDelivery, visit: Visit) -> WireReply:
    """All that is known of it."""
    return json_reply(logged_delivery_object(logged, visit.terms.base_url), content_type=JSON)


def say_replayed(delivery: Delivery, visit: Visit) -> WireReply:
    """202: it is sent in a moment."""
    return json_reply(delivery_object(delivery, visit.terms.base_url), status=202, content_type=JSON)


def _named(visit: Visit, kind: str) -> UUID:
    text = visit.request.parts[kind]
    found = read_uuid(text)
    if found is None:
        raise NotFound(kind, text)
    return found
