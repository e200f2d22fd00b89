"""SignalWire's and Twilio's wires: one API, two forms of every id."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
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
    basic,
    encoded,
    floored,
    in_the_day,
    in_the_second_or_before,
    since_epoch,
)

ERRORS = {"code", "message", "more_info", "status"}


def rfc_2822(at: datetime) -> str:
    return quote(at.strftime("%a, %d %b %Y %H:%M:%S +0000"), safe="")


def created(written: Callable[[datetime], str]) -> tuple[Bound, ...]:
    """The three forms of ``DateCreated``, each operator before the equals sign, as the vendors' clients send them."""
    return (
        Bound(
            about="DateCreated>=",
            axis="created_at",
            query=lambda at: f"DateCreated%3E={written(at)}",
            holds=at_or_after,
            whole_seconds=True,
        ),
        Bound(
            about="DateCreated<=",
            axis="created_at",
            query=lambda at: f"DateCreated%3C={written(at)}",
            holds=in_the_second_or_before,
            whole_seconds=True,
        ),
        Bound(
            about="DateCreated",
            axis="created_at",
            query=lambda at: f"DateCreated={written(at)}",
            holds=in_the_day,
            whole_seconds=True,
            midnight=True,
        ),
    )


class SignalWire(Tongue):
    """UUIDs; audio is open to whoever knows its id."""

    name = "signalwire"
    dialect = "signalwire"
    bounds = created(rfc_2822)
    opens_by_id = "the vendor serves a recording's audio to anybody who knows its id, unless the account says otherwise"
    foreign_account = 404
    out_of_scope = 401
    foreign_recording = "c0d4ee2b-7a2a-4a1e-9b7e-0f3f5a6b7c55"
    foreign_call = "1f4a3c2b-9d8e-4f7a-8b6c-5d4e3f2a1b66"
    base: ClassVar[str] = "/api/laml/2010-04-01"
    suffix: ClassVar[str] = ""
    """What ends the path of a list."""

    def account(self, owner: Caller) -> str:
        return str(owner.account_id)

    def credentials(self, caller: Caller) -> dict[str, str]:
        return basic(self.account(caller), caller.token)

    def recordings(self, owner: Caller, *, query: str = "", size: int | None = None) -> str:
        paged = f"PageSize={size}&" if size else ""
        return f"{self.base}/Accounts/{self.account(owner)}/Recordings{self.suffix}?{paged}{query}"

    def items(self, document: Any) -> list[Item]:
        items: list[Item] = document["recordings"]
        return items

    def next_page(self, target: str, document: Any) -> str | None:
        uri: str | None = document["next_page_uri"]
        return uri

    def previous_page(self, target: str, document: Any) -> str | None:
        uri: str | None = document["previous_page_uri"]
        return uri

    def name_of(self, item: Item) -> str:
        return str(item["sid"])

    def call_of(self, item: Item) -> UUID:
        return UUID(item["call_sid"][-32:] if item["call_sid"].startswith("CA") else item["call_sid"])

    def one(self, owner: Caller, name: str, call: str) -> str:
        return f"{self.base}/Accounts/{self.account(owner)}/Recordings/{name}.json"

    def listening(self, owner: Caller, item: Item, base_url: str) -> Sequence[Ask]:
        root = f"{self.base}/Accounts/{self.account(owner)}"
        own, called = f"{root}/Recordings/{item['sid']}", f"{root}/Calls/{item['call_sid']}/Recordings/{item['sid']}"
        endings = ("", ".wav", ".mp3", ".wav?Download=true", ".mp3?RequestedChannels=1")
        return tuple(Ask(target=path + ending) for path in (own, called) for ending in endings)

    def said(self, item: Item) -> dict[str, Any]:
        return {
            "started": since_epoch(parsedate_to_datetime(item["start_time"])),
            "created": since_epoch(parsedate_to_datetime(item["date_created"])),
            "updated": since_epoch(parsedate_to_datetime(item["date_updated"])),
            "duration": int(item["duration"]),
            "channels": item["channels"],
        }

    def kept(self, recording: Recording) -> dict[str, Any]:
        return {
            "started": floored(recording.started_at),
            "created": floored(recording.created_at),
            "updated": floored(recording.updated_at),
            "duration": (recording.duration_ms + 500) // 1000,
            "channels": recording.channels,
        }

    def computed_name(self, recording: Recording, cloaked: Callable[[UUID], UUID]) -> str:
        return str(cloaked(recording.id))

    def is_refusal(self, status: int, content_type: str, content: Any) -> bool:
        return (
            content_type.startswith("application/json")
            and set(content) - {"detail"} == ERRORS  # Twilio's keys lie beside SignalWire's paths
            and content["status"] == status
            and isinstance(content["code"], int)
        )

    def places(self, owner: Caller, item: Item) -> Mapping[str, str]:
        return {"account": self.account(owner), "recording": item["sid"], "call": item["call_sid"]}


class Twilio(SignalWire):
    """Letters and 32 hex digits; XML where the path does not say ``.json``."""

    name = "twilio"
    bounds = created(encoded)
    out_of_scope = 403
    foreign_recording = "REc0d4ee2b7a2a4a1e9b7e0f3f5a6b7c55"
    foreign_call = "CA1f4a3c2b9d8e4f7a8b6c5d4e3f2a1b66"
    base = "/2010-04-01"
    suffix = ".json"

    def account(self, owner: Caller) -> str:
        return f"AC{owner.account_id.hex}"

    def call_name(self, call: UUID) -> str:
        return f"CA{call.hex}"

    def computed_name(self, recording: Recording, cloaked: Callable[[UUID], UUID]) -> str:
        return f"RE{cloaked(recording.id).hex}"

    def is_refusal(self, status: int, content_type: str, content: Any) -> bool:
        if content_type.startswith("application/xml"):
            text = content.decode()
            return (
                re.fullmatch(
                    r"<\?xml version='1.0' encoding='UTF-8'\?>\n<TwilioResponse><RestException>.*</RestException>"
                    r"</TwilioResponse>",
                    text,
                    re.DOTALL,
                )
                is not None
                and f"<Status>{status}</Status>" in text
            )
        expected = ERRORS | {"detail"} if status == 401 else ERRORS
        return content_type.startswith("application/json") and set(content) == expected and content["status"] == status
