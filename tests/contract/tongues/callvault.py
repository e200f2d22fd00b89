"""Our own API's wire, from its description and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from callvault.model.recording import Recording
from tests.contract.tongues.tongue import (
    Ask,
    Bound,
    Caller,
    Item,
    Tongue,
    at_or_after,
    at_or_before,
    before,
    encoded,
    read_utc,
    since_epoch,
)

PROBLEM = {"type", "title", "status", "detail", "code"}


class Callvault(Tongue):
    """Cards."""

    name = "callvault"
    dialect = "callvault"
    bounds = tuple(
        Bound(
            about=f"{word}_{side}",
            axis=f"{word}_at",
            query=lambda at, name=f"{word}_{side}": f"{name}={encoded(at)}",  # type: ignore[misc]
            holds=holds,
        )
        for word in ("started", "created", "ended", "updated")
        for side, holds in (("from", at_or_after), ("before", before), ("through", at_or_before))
    )
    without_foreign_ids = "our own API calls a recording by its core id, whatever vendors called it"
    foreign_account = 200  # no path names an account

    def credentials(self, caller: Caller) -> dict[str, str]:
        return {"Authorization": f"Bearer {caller.token}"}

    def recordings(self, owner: Caller, *, query: str = "", size: int | None = None) -> str:
        paged = f"limit={size}&" if size else ""
        return f"/callvault/v1/recordings?{paged}{query}".rstrip("&?")

    def items(self, document: Any) -> list[Item]:
        items: list[Item] = document["recordings"]
        return items

    def next_page(self, target: str, document: Any) -> str | None:
        token = document["next"]
        return None if token is None else f"{target.partition('&after=')[0]}&after={token}"

    def call_of(self, item: Item) -> UUID:
        return UUID(item["call_id"])

    def one(self, owner: Caller, name: str, call: str) -> str:
        return f"/callvault/v1/recordings/{name}"

    def listening(self, owner: Caller, item: Item, base_url: str) -> Sequence[Ask]:
        media = item["links"]["media"].removeprefix(base_url)
        forms = ("", "?format=wav", "?format=mp3", "?format=original", "?format=wav&channels=1", "?download=true")
        return tuple(Ask(target=media + form) for form in forms)

    def said(self, item: Item) -> dict[str, Any]:
        return {
            **{word: read_utc(item[f"{word}_at"]) for word in ("started", "ended", "created", "updated")},
            "duration": item["duration_ms"],
            "channels": item["channels"],
            "from": item["caller"]["number"],
            "to": item["callee"]["number"],
            "inbound": {"inbound": True, "outbound": False}[item["direction"]],
        }

    def kept(self, recording: Recording) -> dict[str, Any]:
        assert recording.ended_at is not None
        return {
            "started": since_epoch(recording.started_at),
            "ended": since_epoch(recording.ended_at),
            "created": since_epoch(recording.created_at),
            "updated": since_epoch(recording.updated_at),
            "duration": recording.duration_ms,
            "channels": recording.channels,
            "from": recording.caller.number,
            "to": recording.callee.number,
            "inbound": recording.direction == "inbound",
        }

    def is_refusal(self, status: int, content_type: str, content: Any) -> bool:
        return (
            content_type == "application/problem+json"
            and set(content) - {"field"} == PROBLEM
            and content["status"] == status
            and content["type"] == "about:blank"
        )

    def places(self, owner: Caller, item: Item) -> Mapping[str, str]:
        return {"recording": item["id"], "name": f"{item['id']}.wav"}
