"""The list pages that are measured: each dialect's page of 20, as it comes and narrowed by a filter."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from bench.population import CONNECTION, SHARED, callee_number, caller_number, start_of
from callvault.dialects.toolbox.times import iso_ms

SIZE = 20


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose recordings they are."""

    account_id: UUID
    serial: int
    token: str


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """One request."""

    dialect: str
    what: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def name(self) -> str:
        """What its row is called."""
        return f"{self.dialect}, {self.what}"

    def url(self, base_url: str) -> str:
        """Where it is asked."""
        return f"{base_url}{self.path}?{urlencode(self.query)}"


def pages(owner: Owner, count: int) -> tuple[ListPage, ...]:
    """All of them, for an archive of ``count`` recordings.

    Bandwidth's list has no page size: it is asked for a span of time, and for a caller, in which 20 calls lie.
    """
    paths, headers = _paths(owner), _headers(owner)
    middle = count // 2 // SHARED * SHARED
    caller, since, until = caller_number(middle), iso_ms(start_of(middle)), iso_ms(start_of(middle + SHARED))
    callee, ever = callee_number(middle), iso_ms(start_of(2 * count))
    asked: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("bandwidth", "a span of time", {"minStartTime": since, "maxStartTime": until}),
        ("bandwidth", "a caller", {"from": caller}),
        ("bandwidth", "every filter", {"from": caller, "to": callee, "minStartTime": since, "maxStartTime": until}),
        ("kazoo", "first page", {"page_size": str(SIZE)}),
        ("kazoo", "a caller", {"page_size": str(SIZE), "filter_caller_id_number": caller}),
        (
            "kazoo",
            "every filter",
            {
                "page_size": str(SIZE),
                "filter_caller_id_number": caller,
                "filter_callee_id_number": callee,
                "filter_media_type": "wav",
                "filter_not_media_source": "tea",
                "has_key": "duration_ms",
                "has_value": "call_id",
            },
        ),
        ("bird", "first page", {"limit": str(SIZE)}),
        ("bird", "a caller", {"limit": str(SIZE), "from": caller}),
        (
            "bird",
            "every filter",
            {
                "limit": str(SIZE),
                "from": caller,
                "to": callee,
                "channelId": CONNECTION,
                "startAt": since,
                "endAt": ever,
            },
        ),
        ("telnyx", "first page", {"page[size]": str(SIZE)}),
        ("telnyx", "page in the middle", {"page[size]": str(SIZE), "page[number]": str(max(1, count // 2 // SIZE))}),
        ("telnyx", "a caller", {"page[size]": str(SIZE), "filter[from]": caller}),
        (
            "telnyx",
            "every filter",
            {
                "page[size]": str(SIZE),
                "filter[from]": caller,
                "filter[to]": callee,
                "filter[connection_id]": CONNECTION,
                "filter[created_at][gte]": since,
                "filter[created_at][lte]": ever,
                "filter[start_time][gte]": since,
                "filter[start_time][lte]": ever,
                "filter[end_time][gte]": since,
                "filter[end_time][lte]": ever,
            },
        ),
        ("signalwire", "first page", {"PageSize": str(SIZE)}),
        ("signalwire", "since a time", {"PageSize": str(SIZE), "DateCreated>": since}),
        ("twilio", "first page", {"PageSize": str(SIZE)}),
        ("twilio", "since a time", {"PageSize": str(SIZE), "DateCreated>": since}),
        ("callvault", "first page", {"limit": str(SIZE)}),
        ("callvault", "a caller", {"limit": str(SIZE), "from": caller}),
        (
            "callvault",
            "every filter",
            {
                "limit": str(SIZE),
                "from": caller,
                "to": callee,
                "connection_id": CONNECTION,
                "started_from": since,
                "started_through": ever,
                "created_from": since,
                "created_through": ever,
            },
        ),
    )
    return tuple(
        ListPage(dialect=dialect, what=what, path=paths[dialect], query=query, headers=headers[dialect])
        for dialect, what, query in asked
    )


def _paths(owner: Owner) -> dict[str, str]:
    account, digits = str(owner.account_id), owner.account_id.hex
    return {
        "bandwidth": f"/api/v2/accounts/{owner.serial}/recordings",
        "kazoo": f"/v2/accounts/{digits}/recordings",
        "bird": f"/workspaces/{account}/recordings",
        "telnyx": "/v2/recordings",
        "signalwire": f"/api/laml/2010-04-01/Accounts/{account}/Recordings",
        "twilio": f"/2010-04-01/Accounts/AC{digits}/Recordings.json",
        "callvault": "/callvault/v1/recordings",
    }


def _headers(owner: Owner) -> dict[str, dict[str, str]]:
    token, account = owner.token, owner.account_id
    bearer = {"Authorization": f"Bearer {token}"}
    return {
        "bandwidth": _basic(token[:16], token[16:]),
        "kazoo": {"X-Auth-Token": token},
        "bird": bearer,
        "telnyx": bearer,
        "signalwire": _basic(str(account), token),
        "twilio": _basic(f"AC{account.hex}", token),
        "callvault": bearer,
    }


def _basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
