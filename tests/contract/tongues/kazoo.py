"""Kazoo's wire, from the page "Call Recording API" and the documentation in ``applications/crossbar/doc``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from callvault.model.recording import Recording
from tests.contract.tongues.tongue import (
    EPOCH,
    SECOND,
    Ask,
    Bound,
    Caller,
    Item,
    Tongue,
    at_or_after,
    floored,
    in_the_second_or_before,
)

GREGORIAN_EPOCH = 62_167_219_200
"""Seconds from the year 0 to 1970."""


def seconds(at: datetime) -> int:
    return (at - EPOCH) // SECOND + GREGORIAN_EPOCH


class Kazoo(Tongue):
    """An envelope round pages with start keys."""

    name = "kazoo"
    dialect = "kazoo"
    bounds = tuple(
        Bound(
            about=f"{word}_{side}",
            axis=axis,
            query=lambda at, name=f"{word}_{side}": f"{name}={seconds(at)}",  # type: ignore[misc]
            holds=holds,
            whole_seconds=True,
        )
        for word, axis in (("created", "created_at"), ("modified", "updated_at"))
        for side, holds in (("from", at_or_after), ("to", in_the_second_or_before))
    )
    without_users = None
    foreign_account = 403
    deleted = 200
    foreign_recording = "201912-00112233445566778899aabbccddeeff"
    foreign_call = "leg-7@10.0.0.7"

    def credentials(self, caller: Caller) -> dict[str, str]:
        return {"X-Auth-Token": caller.token}

    def recordings(self, owner: Caller, *, query: str = "", size: int | None = None) -> str:
        paged = f"page_size={size}&" if size else ""
        return f"/v2/accounts/{owner.account_id.hex}/recordings?{paged}{query}"

    def items(self, document: Any) -> list[Item]:
        assert document["status"] == "success"
        items: list[Item] = document["data"]
        return items

    def next_page(self, target: str, document: Any) -> str | None:
        key = document.get("next_start_key")
        return None if key is None else f"{target.partition('&start_key=')[0]}&start_key={quote(key, safe='')}"

    def call_of(self, item: Item) -> UUID:
        return UUID(item["call_id"])

    def one(self, owner: Caller, name: str, call: str) -> str:
        return f"/v2/accounts/{owner.account_id.hex}/recordings/{name}"

    def listening(self, owner: Caller, item: Item, base_url: str) -> Sequence[Ask]:
        own = self.one(owner, item["id"], "")
        owned = own if owner.user_id is None else own.replace("/recordings/", f"/users/{owner.user_id.hex}/recordings/")
        return (
            Ask(target=own, headers={"Accept": "audio/mpeg"}),
            Ask(target=own, headers={"Accept": "audio/*"}),
            Ask(target=f"{own}?accept=audio/mpeg&inline=true", headers={"Accept": "application/json"}),
            Ask(target=f"{owned}?accept=audio/mp3"),
            Ask(target=own.replace("/v2/", "/v1/") + "?accept=audio/mpeg"),
            Ask(target=f"{own}?verb=GET&accept=audio/mpeg", method="POST"),
        )

    def said(self, item: Item) -> dict[str, Any]:
        return {
            "started": (item["start"] - GREGORIAN_EPOCH) * 1000,
            "duration": item["duration_ms"],
            "duration in seconds": item["duration"],
            "from": item["caller_id_number"],
            "to": item["callee_id_number"],
            "inbound": {"inbound": True, "outbound": False}[item["direction"]],
        }

    def kept(self, recording: Recording) -> dict[str, Any]:
        return {
            "started": floored(recording.started_at),
            "duration": recording.duration_ms,
            "duration in seconds": recording.duration_ms // 1000,
            "from": recording.caller.number,
            "to": recording.callee.number,
            "inbound": recording.direction == "inbound",
        }

    def computed_name(self, recording: Recording, cloaked: Callable[[UUID], UUID]) -> str:
        start = EPOCH + timedelta(milliseconds=recording.id.int >> 80)
        return f"{start:%Y%m}-{recording.id.hex}"

    def is_refusal(self, status: int, content_type: str, content: Any) -> bool:
        return (
            content_type == "application/json"
            and content["status"] == "error"
            and content["error"] == str(status)
            and isinstance(content["message"], str)
            and {"data", "request_id", "node", "timestamp"} <= set(content)
        )

    def places(self, owner: Caller, item: Item) -> Mapping[str, str]:
        return {
            "account": owner.account_id.hex,
            "user": (owner.user_id or owner.account_id).hex,
            "recording": item["id"],
            "token": "f" * 64,
            "place": "f" * 64,
            "file": f"call_recording_{item['call_id']}.wav",
        }

    def found(self, document: Any, owner: Caller) -> Item:
        item: Item = document["data"]
        return item
