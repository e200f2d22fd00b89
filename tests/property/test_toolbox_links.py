"""A link opens what it was made for until it dies; a link with one letter changed opens nothing, ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from callvault.dialects.toolbox.links import check_link, media_link
from callvault.errors import LinkExpired, NotAllowed
from callvault.model.media import MediaFormat, RenditionSpec

NOW = datetime(2026, 3, 1, 9, 0, 2, 114_000, tzinfo=UTC)
KEY = b"k" * 32
SPECS = st.builds(RenditionSpec, format=st.sampled_from(MediaFormat), channels=st.sampled_from([None, 1, 2]))
Parts = tuple[str, str, str | None, str]


def parts_of(recording_id: UUID, spec: RenditionSpec, lifetime: timedelta = timedelta(minutes=10)) -> Parts:
    split = urlsplit(media_link("http://[::1]:8480", recording_id, spec, now=NOW, key=KEY, lifetime=lifetime))
    query = parse_qs(split.query)
    channels = query["channels"][0] if "channels" in query else None
    return split.path.rpartition("/")[2], query["expires"][0], channels, query["signature"][0]


def opened(parts: Parts, now: datetime = NOW) -> tuple[UUID, RenditionSpec]:
    name, expires, channels, signature = parts
    return check_link(name, expires, channels, signature, now=now, key=KEY)


@given(st.uuids(), SPECS, st.integers(1, 10**6), st.integers(0, 2 * 10**6))
def test_a_link_opens_until_its_time_is_over(recording_id: UUID, spec: RenditionSpec, lives: int, later: int) -> None:
    parts = parts_of(recording_id, spec, timedelta(seconds=lives))
    if later < lives:
        assert opened(parts, NOW + timedelta(seconds=later) - timedelta(milliseconds=114)) == (recording_id, spec)
    else:
        with pytest.raises(LinkExpired):
            opened(parts, NOW + timedelta(seconds=later))


@given(st.uuids(), SPECS, st.integers(0, 3), st.data())
def test_a_link_with_one_letter_changed_never_opens(
    recording_id: UUID, spec: RenditionSpec, which: int, data: st.DataObject
) -> None:
    parts = list(parts_of(recording_id, spec))
    text = parts[which] or ""
    place = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 1))
    changed = text[:place] + data.draw(st.characters() | st.just("")) + text[place + cut :]
    assume(changed != text or parts[which] is None)
    parts[which] = changed
    name, expires, channels, signature = parts
    assert name is not None
    assert expires is not None
    assert signature is not None
    with pytest.raises(NotAllowed):
        opened((name, expires, channels, signature))


@given(st.text(), st.text(), st.none() | st.text(), st.text())
def test_no_text_opens_anything(name: str, expires: str, channels: str | None, signature: str) -> None:
    with pytest.raises(NotAllowed):
        opened((name, expires, channels, signature))
