"""Bird's wire, from the page "List Recordings" and the later pages of its voice API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
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
    encoded,
    read_utc,
    since_epoch,
)


class Bird(Tongue):
    """``results`` and a page token."""

    name = "bird"
    dialect = "bird"
    bounds = (
        Bound(about="startAt", axis="created_at", query=lambda at: f"startAt={encoded(at)}", holds=at_or_after),
        Bound(about="endAt", axis="created_at", query=lambda at: f"endAt={encoded(at)}", holds=at_or_before),
    )
    foreign_account = 404
    foreign_recording = "2c1f7c3e-3f3e-4f29-9d0c-9b9d1f0c7a11"
    foreign_call = "8f0f6c1a-5c50-4e0f-8a6e-2b7f0f4f3c22"

    def credentials(self, caller: Caller) -> dict[str, str]:
        return {"Authorization": f"AccessKey {caller.token}"}

    def recordings(self, owner: Caller, *, query: str = "", size: int | None = None) -> str:
        paged = f"limit={size}&" if size else ""
        return f"/workspaces/{owner.account_id}/recordings?{paged}{query}"

    def items(self, document: Any) -> list[Item]:
        items: list[Item] = document["results"]
        return items

    def next_page(self, target: str, document: Any) -> str | None:
        token = document.get("nextPageToken")
        return None if token is None else f"{target.partition('?')[0]}?pageToken={quote(token, safe='')}"

    def call_of(self, item: Item) -> UUID:
        return UUID(item["sourceId"])

    def one(self, owner: Caller, name: str, call: str) -> str:
        return f"/workspaces/{owner.account_id}/recordings/{name}"

    def listening(self, owner: Caller, item: Item, base_url: str) -> Sequence[Ask]:
        own = self.one(owner, item["id"], "")
        link = [Ask(target=item["url"].removeprefix(base_url))] if "url" in item else []
        return (Ask(target=f"{own}.mp3"), Ask(target=f"{own}.wav"), *link)

    def said(self, item: Item) -> dict[str, Any]:
        return {
            **{word: read_utc(item[f"{word}At"]) for word in ("started", "ended", "created", "updated")},
            "duration": item["duration"],
            "stereo": item["stereo"],
            "from": item["originator"]["number"]["identity"],
            "to": item["receiver"]["number"]["identity"],
            "inbound": {"incoming": True, "outgoing": False}[item["direction"]],
        }

    def kept(self, recording: Recording) -> dict[str, Any]:
        assert recording.ended_at is not None
        return {
            "started": since_epoch(recording.started_at),
            "ended": since_epoch(recording.ended_at),
            "created": since_epoch(recording.created_at),
            "updated": since_epoch(recording.updated_at),
            "duration": recording.duration_ms // 1000,
            "stereo": recording.channels == 2,
            "from": recording.caller.number,
            "to": recording.callee.number,
            "inbound": recording.direction == "inbound",
        }

    def is_refusal(self, status: int, content_type: str, content: Any) -> bool:
        return (
            content_type == "application/json; charset=UTF-8"
            and set(content) == {"code", "message", "details"}
            and isinstance(content["code"], str)
            and isinstance(content["message"], str)
            and isinstance(content["details"], dict)
        )

    def places(self, owner: Caller, item: Item) -> Mapping[str, str]:
        return {
            "workspace": str(owner.account_id),
            "recording": item["id"],
            "call": item["sourceId"],
            "channel": item.get("channelId") or str(owner.account_id),
        }
