"""The paths of our own API: the table of operations, with what reads and what answers.  No logic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from callvault.dialects.callvault import (
    captures,
    links,
    listening,
    live_operations,
    notice_operations,
    operations,
    policies,
    replies,
    requests,
    steering,
    subscriptions,
)
from callvault.dialects.callvault.operation import Operation
from callvault.dialects.contract import Route, Visit
from callvault.vault.commands import Command
from callvault.wire import WireReply


def _route(operation: Operation, read: Callable[[Visit], Command], say: Callable[[Any, Visit], WireReply]) -> Route:
    return Route(
        method=operation.method,
        path=operation.path,
        read=read,
        say=say,
        public=operation.public,
        streams=operation.takes_audio,
        about=operation.about,
    )


ROUTES = (
    _route(operations.FIND, requests.find, replies.say_page),
    _route(operations.UPLOAD, requests.upload, replies.say_taken_in),
    _route(operations.GET, requests.get, replies.say_one),
    _route(operations.CAPTURE, captures.get(operations.CAPTURE), captures.say_capture),
    _route(operations.EXCHANGE, captures.get(operations.EXCHANGE), captures.say_exchange),
    _route(operations.DELETE, requests.delete, replies.say_deleted),
    _route(operations.MEDIA, requests.media, replies.say_media),
    _route(operations.LINK, links.ask, links.hand_out),
    _route(operations.FOLLOW, links.follow, replies.say_linked_media),
    _route(live_operations.FIND_CALLS, steering.find, steering.say_calls),
    _route(live_operations.GET_CALL, steering.get, steering.say_call),
    _route(live_operations.START, steering.start, steering.say_started),
    _route(live_operations.STEER, steering.steer(live_operations.STEER), steering.say_steered),
    _route(live_operations.STEER_BY_POST, steering.steer(live_operations.STEER_BY_POST), steering.say_steered),
    _route(live_operations.MASK, steering.mask, steering.say_call),
    _route(live_operations.GET_POLICY, policies.get, policies.say_policy),
    _route(live_operations.KEEP_POLICY, policies.keep, policies.say_policy),
    _route(listening.LISTEN, listening.ask, listening.say),
    _route(notice_operations.ADD_HOOK, subscriptions.add, subscriptions.say_added),
    _route(notice_operations.FIND_HOOKS, subscriptions.find, subscriptions.say_hooks),
    _route(notice_operations.GET_HOOK, subscriptions.get, subscriptions.say_hook),
    _route(notice_operations.REMOVE_HOOK, subscriptions.remove, subscriptions.say_removed),
    _route(notice_operations.FIND_DELIVERIES, subscriptions.find_deliveries, subscriptions.say_deliveries),
    _route(notice_operations.GET_DELIVERY, subscriptions.get_delivery, subscriptions.say_delivery),
    _route(notice_operations.REPLAY, subscriptions.replay, subscriptions.say_replayed),
    _route(operations.ACCOUNT, requests.nothing(operations.ACCOUNT), replies.say_account),
    _route(operations.PING, requests.nothing(operations.PING), replies.say_pong),
    _route(operations.DESCRIBE, requests.nothing(operations.DESCRIBE), replies.say_description),
)
