"""Live calls and orders: rows and rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from callvault.catalogue.accounts import Directory
from callvault.catalogue.codes import milliseconds, moment_of, uuid_of
from callvault.catalogue.entries import Written
from callvault.catalogue.live_nodes import NODE_LIVES, forget_gone, note_seen
from callvault.catalogue.steps import Steps, ask_all, ask_each, ask_one
from callvault.model.live import LiveCall, names_of, read_live, write_live
from callvault.model.order import Order, Reply, read_reply, read_verb, write_reply, write_verb

FORGOTTEN = timedelta(hours=1)
"""How long an order lies there that nobody comes back for."""

_KEEP = (
    "INSERT INTO live_calls (take, account, node, said) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (take) DO UPDATE SET node = excluded.node, said = excluded.said RETURNING 1"
)
_NAME = "INSERT INTO live_names (account, name, take) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1"
_NAMED = "SELECT take, name FROM live_names WHERE take = $1"
_UNNAME = "DELETE FROM live_names WHERE take = $1 RETURNING 1"
_UNNAME_ONE = "DELETE FROM live_names WHERE account = $1 AND name = $2 AND take = $3 RETURNING 1"
_FORGET = "DELETE FROM live_calls WHERE take = $1 RETURNING 1"
_GIVE = (
    "INSERT INTO orders (id, account, take, node, verb, made, taken, reply) VALUES ($1, $2, $3, $4, $5, $6, 0, NULL)"
    " RETURNING 1"
)
_WAITS = "SELECT 1 FROM orders /*+ orders_waiting */ WHERE node = $1 AND taken = 0 LIMIT 1"
_TAKE = (
    "UPDATE orders SET taken = $2 WHERE node = $1 AND taken = 0"
    " RETURNING id, (SELECT a.id FROM accounts AS a WHERE a.serial = orders.account), take, node, verb, made"
)


def keep(directory: Directory, calls: Sequence[LiveCall], ended: Sequence[UUID]) -> Steps[Written[None]]:
    """See ``Lives.keep_live``."""
    rows, names = [], set()
    for call in calls:
        serial = yield from directory.serial(call.account_id)
        if serial is not None:
            take = call.take.bytes
            rows.append((take, serial, call.node, orjson.dumps(write_live(call)).decode()))
            names |= {(serial, name, take) for name in names_of(call)}
    serials = {row[0]: row[1] for row in rows}
    found = yield from ask_each(_NAMED, [(take,) for take in serials])
    known = {(serials[bytes(take)], name, bytes(take)) for take, name in found}
    yield from ask_each(_UNNAME_ONE, sorted(known - names))
    yield from ask_each(_UNNAME, [(take.bytes,) for take in ended])
    yield from note_seen({call.node for call in calls})
    yield from ask_each(_KEEP, rows)
    yield from ask_each(_NAME, sorted(names - known))
    yield from ask_each(_FORGET, [(take.bytes,) for take in ended])
    return Written(None)


def forget(node: str, but: Sequence[UUID]) -> Steps[Written[None]]:
    """See ``Lives.forget_live``."""
    yield from note_seen([node])
    lost = yield from forget_gone()
    found = yield from ask_all("SELECT take FROM live_calls WHERE node = $1", node)
    kept = frozenset(but)
    gone = [(take,) for (take,) in (*lost, *found) if uuid_of(take) not in kept]
    yield from ask_each(_UNNAME, gone)
    yield from ask_each(_FORGET, gone)
    return Written(None)


def of_account(directory: Directory, account_id: UUID) -> Steps[Sequence[LiveCall]]:
    """See ``Lives.live_calls``."""
    serial = yield from directory.serial(account_id)
    found = yield from ask_all(
        f"SELECT l.said FROM live_calls AS l {NODE_LIVES} WHERE l.account = $1 ORDER BY l.take DESC", serial
    )
    return [read_live(orjson.loads(said)) for (said,) in found]


def named(directory: Directory, account_id: UUID, names: Sequence[str]) -> Steps[LiveCall | None]:
    """See ``Lives.live_call``."""
    serial = yield from directory.serial(account_id)
    for name in names:
        found = yield from ask_one(
            f"SELECT l.said FROM live_names AS n JOIN live_calls AS l ON l.take = n.take {NODE_LIVES}"
            " WHERE n.account = $1 AND n.name = $2 ORDER BY n.take DESC LIMIT 1",
            serial,
            name,
        )
        if found is not None:
            return read_live(orjson.loads(found[0]))
    return None


def give(directory: Directory, order: Order) -> Steps[Written[None]]:
    """See ``Lives.give_order``."""
    serial = yield from directory.serial_or_refuse(order.account_id)
    verb = orjson.dumps(write_verb(order.verb)).decode()
    made = milliseconds(order.made_at)
    yield from ask_all(_GIVE, order.id.bytes, serial, order.take.bytes, order.node, verb, made)
    return Written(None)


def waits(node: str) -> Steps[bool]:
    """Whether an order lies there for a node."""
    return (yield from ask_one(_WAITS, node)) is not None


def take(node: str, at: datetime) -> Steps[Written[Sequence[Order]]]:
    """See ``Lives.take_orders``."""
    moment = milliseconds(at)
    found = yield from ask_all(_TAKE, node, moment)
    yield from ask_all("DELETE FROM orders WHERE made < $1 RETURNING 1", milliseconds(at - FORGOTTEN))
    orders = [
        Order(
            id=uuid_of(id_),
            account_id=uuid_of(account),
            take=uuid_of(take_id),
            node=place,
            verb=read_verb(orjson.loads(verb)),
            made_at=moment_of(made),
        )
        for id_, account, take_id, place, verb, made in found
    ]
    return Written(sorted(orders, key=lambda order: order.id))


def answer(order_id: UUID, reply: Reply) -> Steps[Written[None]]:
    """See ``Lives.answer_order``."""
    text = orjson.dumps(write_reply(reply)).decode()
    yield from ask_all("UPDATE orders SET reply = $2 WHERE id = $1 RETURNING 1", order_id.bytes, text)
    return Written(None)


def reply_to(order_id: UUID) -> Steps[Reply | None]:
    """See ``Lives.order_reply``."""
    found = yield from ask_one("SELECT reply FROM orders WHERE id = $1", order_id.bytes)
    return read_reply(orjson.loads(found[0])) if found is not None and found[0] is not None else None


def take_back(order_id: UUID) -> Steps[Written[bool]]:
    """See ``Lives.take_order_back``."""
    found = yield from ask_all("DELETE FROM orders WHERE id = $1 AND taken = 0 RETURNING 1", order_id.bytes)
    return Written(bool(found))


def forget_order(order_id: UUID) -> Steps[Written[None]]:
    """See ``Lives.forget_order``."""
    yield from ask_all("DELETE FROM orders WHERE id = $1 RETURNING 1", order_id.bytes)
    return Written(None)
