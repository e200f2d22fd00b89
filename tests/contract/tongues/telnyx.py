"""Telnyx's wire, from the page "List all call recordings", its OpenAPI files, and its client's TeXML paths."""

from __future__ import annotations

import base64
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
    encoded,
    in_the_day,
    in_the_second_or_before,
    read_utc,
    since_epoch,
)

TEXML = "/v2/texml/"
AXES = {"created_at": "created_at", "start_time": "started_at", "end_time": "ended_at"}


class Telnyx(Tongue):
    """``data`` and ``meta``, pages by number."""

    name = "telnyx"
    dialect = "telnyx"
    bounds = tuple(
        Bound(
            about=f"filter[{word}][{side}]",
            axis=axis,
            query=lambda at, name=f"filter[{word}][{side}]": f"{name}={encoded(at)}",  # type: ignore[misc]
            holds=holds,
        )
        for word, axis in AXES.items()
        for side, holds in (("gte", at_or_after), ("lte", at_or_before))
    )
    numbered = "the vendor's pages are numbers, and a number remembers nothing"
    foreign_account = 200  # no path names an account
    deleted = 200
    foreign_recording = "6b0fd0a2-1f2f-4b6f-8a3e-4b7b6f7d1c33"
    foreign_call = "4f6f1b52-6f0a-4a34-9f42-6e3b3a0c2d44"

    def credentials(self, caller: Caller) -> dict[str, str]:
        return {"Authorization": f"Bearer {caller.token}"}

    def recordings(self, owner: Caller, *, query: str = "", size: int | None = None) -> str:
        paged = f"page[size]={size}&" if size else ""
        return f"/v2/recordings?{paged}{query}"

    def items(self, document: Any) -> list[Item]:
        items: list[Item] = document["data"]
        return items

    def next_page(self, target: str, document: Any) -> str | None:
        meta = document["meta"]
        if meta["page_number"] >= meta["total_pages"]:
            return None
        return f"{target.partition('&page[number]=')[0]}&page[number]={meta['page_number'] + 1}"

    def call_of(self, item: Item) -> UUID:
        return UUID(item["call_leg_id"])

    def one(self, owner: Caller, name: str, call: str) -> str:
        return f"/v2/recordings/{name}"

    def listening(self, owner: Caller, item: Item, base_url: str) -> Sequence[Ask]:
        return tuple(Ask(target=url.removeprefix(base_url)) for url in item["download_urls"].values())

    def said(self, item: Item) -> dict[str, Any]:
        return {
            "started": read_utc(item["recording_started_at"]),
            "ended": read_utc(item["recording_ended_at"]),
            "created": read_utc(item["created_at"]),
            "updated": read_utc(item["updated_at"]),
            "duration": item["duration_millis"],
            "channels": {"single": 1, "dual": 2}[item["channels"]],
            "from": item["from"],
            "to": item["to"],
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
        }

    def is_refusal(self, status: int, content_type: str, content: Any) -> bool:
        return (
            content_type.startswith("application/json")
            and len(content["errors"]) > 0
            and all(
                error["code"].isdigit() and isinstance(error["title"], str) and isinstance(error["detail"], str)
                for error in content["errors"]
            )
        )

    def answers(self, path: str) -> bool:
        return not path.startswith(TEXML)

    def places(self, owner: Caller, item: Item) -> Mapping[str, str]:
        return {"recording": item["id"]}

    def found(self, document: Any, owner: Caller) -> Item:
        item: Item = document["data"]
        return item


class Texml(Telnyx):
    """The mirror under Twilio's paths."""

    name = "texml"
    bounds = (
        Bound(
            about="DateCreated>=",
            axis="created_at",
            query=lambda at: f"DateCreated>={encoded(at)}",
            holds=at_or_after,
            whole_seconds=True,
        ),
        Bound(
            about="DateCreated<=",
            axis="created_at",
            query=lambda at: f"DateCreated<={encoded(at)}",
            holds=in_the_second_or_before,
            whole_seconds=True,
        ),
        Bound(
            about="DateCreated",
            axis="created_at",
            query=lambda at: f"DateCreated={at:%Y-%m-%d}",
            holds=in_the_day,
            whole_seconds=True,
            midnight=True,
        ),
    )
    foreign_account = 404
    deleted = 204
    without_foreign_ids = None

    def recordings(self, owner: Caller, *, query: str = "", size: int | None = None) -> str:
        paged = f"PageSize={size}&" if size else ""
        return f"/v2/texml/Accounts/{owner.account_id}/Recordings.json?{paged}{query}"

    def items(self, document: Any) -> list[Item]:
        items: list[Item] = document["recordings"]
        return items

    def next_page(self, target: str, document: Any) -> str | None:
        uri: str | None = document["next_page_uri"]
        return uri

    def name_of(self, item: Item) -> str:
        return str(item["sid"])

    def call_of(self, item: Item) -> UUID:
        return UUID(bytes=base64.urlsafe_b64decode(item["call_sid"].removeprefix("v3:") + "=="))

    def call_name(self, call: UUID) -> str:
        return "v3:" + base64.urlsafe_b64encode(call.bytes).decode().rstrip("=")

    def one(self, owner: Caller, name: str, call: str) -> str:
        return f"/v2/texml/Accounts/{owner.account_id}/Recordings/{name}.json"

    def listening(self, owner: Caller, item: Item, base_url: str) -> Sequence[Ask]:
        return () if item["media_url"] is None else (Ask(target=item["media_url"].removeprefix(base_url)),)

    def said(self, item: Item) -> dict[str, Any]:
        return {
            "started": read_utc(item["start_time"]),
            "created": read_utc(item["date_created"]),
            "updated": read_utc(item["date_updated"]),
            "duration": int(item["duration"]),
            "channels": item["channels"],
        }

    def kept(self, recording: Recording) -> dict[str, Any]:
        return {
            "started": since_epoch(recording.started_at),
            "created": since_epoch(recording.created_at),
            "updated": since_epoch(recording.updated_at),
            "duration": recording.duration_ms // 1000,
            "channels": recording.channels,
        }

    def is_refusal(self, status: int, content_type: str, content: Any) -> bool:
        return content_type.startswith("application/json") and all(
            set(error) == {"detail"} and isinstance(error["detail"], str) for error in content["errors"]
        )

    def answers(self, path: str) -> bool:
        return path.startswith(TEXML)

    def places(self, owner: Caller, item: Item) -> Mapping[str, str]:
        return {"account": str(owner.account_id), "recording": item["sid"] + ".json", "call": item["call_sid"]}

    def found(self, document: Any, owner: Caller) -> Item:
        shown: Item = document
        return shown
