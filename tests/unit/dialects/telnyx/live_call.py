"""A live call, and what Telnyx's clients call it."""

from __future__ import annotations

from uuid import UUID

CALL = UUID("019ca884-2a00-7aaa-8bbb-ccccddddeeee")
CONTROL = "v3:AZyohCoAeqqLu8zM3d3u7g"
