"""Bandwidth's wire, from the page "Retrieve Account Recordings" and the vendor's Voice API specification."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
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
    basic,
    before,
    encoded,
    read_utc,
    since_epoch,
)

DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,3}))?S)?")


class Bandwidth(Tongue):
    """A bare array, oldest first."""

    name = "bandwidth"
    dialect = "bandwidth"
    bounds = (
        Bound(
            about="minStartTime", axis="started_at", query=lambda at: f"minStartTime={encoded(at)}", holds=at_or_after
        ),
        Bound(about="maxStartTime", axis="started_at", query=lambda at: f"maxStartTime={encoded(at)}", holds=before),
    )
    unpaged = "the vendor's list is a bare array of at most 1000, with no word for a next page"
    foreign_account = 403
    foreign_recording = "r-fbe05094-9fd2afe9-bf5b-4c68-820a-41a01c1c5833"
    foreign_call = "c-95ac8d8d-28e06798-2afe-434c-b0f4-666a79cd47f8"

    def credentials(self, caller: Caller) -> dict[str, str]:
        return basic(caller.token[:16], caller.token[16:])

    def recordings(self, owner: Caller, *, query: str = "", size: int | None = None) -> str:
        return f"/api/v2/accounts/{owner.serial}/recordings?{query}"

    def items(self, document: Any) -> list[Item]:
        assert isinstance(document, list)
        return document

    def name_of(self, item: Item) -> str:
        return str(item["recordingId"])

    def call_of(self, item: Item) -> UUID:
        return UUID(item["callId"][-36:])

    def call_name(self, call: UUID) -> str:
        return f"c-{zlib.crc32(call.bytes):08x}-{call}"

    def one(self, owner: Caller, name: str, call: str) -> str:
        return f"/api/v2/accounts/{owner.serial}/calls/{call}/recordings/{name}"

    def listening(self, owner: Caller, item: Item, base_url: str) -> Sequence[Ask]:
        own = self.one(owner, item["recordingId"], item["callId"]) + "/media"
        told = [Ask(target=item["mediaUrl"].removeprefix(base_url))] if item["accountId"] == str(owner.serial) else []
        return (Ask(target=own), Ask(target=own, headers={"Accept": "application/json"}), *told)

    def said(self, item: Item) -> dict[str, Any]:
        length = DURATION.fullmatch(item["duration"])
        assert length is not None, item["duration"]
        hours, minutes, seconds, fraction = length.groups()
        return {
            "started": read_utc(item["startTime"]),
            "ended": read_utc(item["endTime"]),
            "duration": (int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)) * 1000
            + int((fraction or "").ljust(3, "0")),
            "channels": item["channels"],
            "from": item["from"],
            "to": item["to"],
            "inbound": {"inbound": True, "outbound": False}[item["direction"]],
        }

    def kept(self, recording: Recording) -> dict[str, Any]:
        assert recording.ended_at is not None
        return {
            "started": since_epoch(recording.started_at),
            "ended": since_epoch(recording.ended_at),
            "duration": recording.duration_ms,
            "channels": recording.channels,
            "from": recording.caller.number,
            "to": recording.callee.number,
            "inbound": recording.direction == "inbound",
        }

    def computed_name(self, recording: Recording, cloaked: Callable[[UUID], UUID]) -> str:
        return f"r-{recording.id}"

    def is_refusal(self, status: int, content_type: str, content: Any) -> bool:
        return (
            content_type == "application/json;charset=UTF-8"
            and set(content) == {"type", "description", "id"}
            and isinstance(content["type"], str)
            and isinstance(content["description"], str)
        )

    def places(self, owner: Caller, item: Item) -> Mapping[str, str]:
        return {"account": str(owner.serial), "call": item["callId"], "recording": item["recordingId"]}
