"""Replies that carry audio: whole, in part, or only told about (RFC 9110 sections 8.8, 13, 14)."""

from __future__ import annotations

import re

from callvault.dialects.toolbox.times import http_date
from callvault.vault.commands import OpenedMedia
from callvault.wire import MediaSlice, WireReply, WireRequest

_ONE_RANGE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE | re.ASCII)


def media_reply(
    media: OpenedMedia, request: WireRequest, *, content_type: str, disposition: str | None = None
) -> WireReply:
    """200, 206, 304 or 416, with the headers that players need.  ``disposition``: see ``content_disposition``."""
    etag = f'"{media.etag}"'
    validators = (("etag", etag), ("last-modified", http_date(media.modified_at)))
    if _names(request.header("if-none-match"), etag):
        return WireReply(status=304, headers=validators)
    described: tuple[tuple[str, str], ...] = (("content-type", content_type), *validators)
    if disposition is not None:
        described = (*described, ("content-disposition", disposition))
    size = media.size_bytes
    if size is None:
        return WireReply(status=200, headers=described, body=MediaSlice(source=media.source, start=0, stop=None))
    described = (*described, ("accept-ranges", "bytes"))
    wanted = _wanted(request, etag, http_date(media.modified_at), size)
    if wanted is None:
        return WireReply(status=200, headers=described, body=MediaSlice(source=media.source, start=0, stop=size))
    start, stop = wanted
    if start >= stop:
        return WireReply(status=416, headers=(*validators, ("content-range", f"bytes */{size}")))
    place = ("content-range", f"bytes {start}-{stop - 1}/{size}")
    return WireReply(
        status=206, headers=(*described, place), body=MediaSlice(source=media.source, start=start, stop=stop)
    )


def content_disposition(name: str, *, inline: bool) -> str:
    """RFC 6266, the name quoted; characters that need more than ASCII go into ``filename*`` (RFC 8187)."""
    kind = "inline" if inline else "attachment"
    plain = "".join(letter if " " <= letter <= "~" and letter not in '"\\/' else "_" for letter in name)
    text = f'{kind}; filename="{plain}"'
    if plain != name:
        escaped = "".join(
            chr(octet) if chr(octet).isascii() and (chr(octet).isalnum() or chr(octet) in "-._~") else f"%{octet:02X}"
            for octet in name.encode()
        )
        text += f"; filename*=UTF-8''{escaped}"
    return text


def _wanted(request: WireRequest, etag: str, last_modified: str, size: int) -> tuple[int, int] | None:
    """Start and stop of the one range that is asked for; None: all of it.  Several ranges are answered by all."""
    header = request.header("range")
    condition = request.header("if-range")
    if request.method != "GET":
        return None  # no other method knows ranges (section 14.2)
    if header is None or (condition is not None and condition.strip() not in {etag, last_modified}):
        return None
    match = _ONE_RANGE.fullmatch(header.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        return max(0, size - int(match[2])), size if int(match[2]) else 0
    start = int(match[1])
    stop = int(match[2]) + 1 if match[2] else max(size, start + 1)
    if stop <= start:
        return None  # "bytes=9-3" is not a range at all (section 14.1.1), and is ignored
    return start, min(stop, size)


def _names(header: str | None, etag: str) -> bool:
    if header is None:
        return False
    return any(candidate.strip().removeprefix("W/") in {etag, "*"} for candidate in header.split(","))
