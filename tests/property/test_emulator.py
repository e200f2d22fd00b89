"""Whatever stands in a seed file or in a fault, it is understood or refused with a sentence."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from callvault.errors import BadRequest, OperatorError
from callvault.server.emulator.fault_documents import read_faults, write_fault
from callvault.server.emulator.seed import Seed
from callvault.server.emulator.seed_file import read_seed

WORDS = st.sampled_from(
    [
        "clock", "pace", "factor", "start", "accounts", "name", "id", "serial", "key", "settings", "public_media",
        "users", "hooks", "dialect", "url", "events", "options", "password", "calls", "recordings", "user", "audio",
        "speech", "tone", "hz", "demo", "channels", "progress", "started_at", "caller", "number", "transcription",
        "transcripts", "foreign", "label", "status",
    ]
)  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["real", "fast", "stepped", "capturing", "processing", "available", "failed", "telnyx", "inbound"]),
    st.sampled_from(["2026-03-01T09:00:00Z", "01a00bd4-4703-7546-a365-231c926c4cd1", "voicemail.wav", "a" * 64]),
)
KEYS = st.one_of(WORDS, SCALARS.filter(lambda key: not isinstance(key, float)))
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
RECORDINGS = st.dictionaries(WORDS, DOCUMENTS, max_size=5)
ACCOUNTS = st.fixed_dictionaries(
    {"name": st.text(max_size=4)},
    optional={
        "recordings": st.lists(RECORDINGS, max_size=3),
        "calls": st.lists(RECORDINGS, max_size=2),
        "users": st.lists(DOCUMENTS, max_size=2),
        "hooks": st.lists(DOCUMENTS, max_size=2),
        "settings": DOCUMENTS,
    },
)
SEEDS = st.fixed_dictionaries({"accounts": st.lists(ACCOUNTS, max_size=3)}, optional={"clock": DOCUMENTS})


def read(text: str) -> Seed | None:
    """None: it was refused, in one line."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "seed.yaml"
        file.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            return read_seed(file)
        except OperatorError as refusal:
            told = str(refusal)
    assert "\n" not in told
    assert told.startswith(str(file))
    return None


@given(text=st.text())
def test_any_text_is_a_seed_file_or_refused(text: str) -> None:
    read(text)


@given(document=SEEDS | DOCUMENTS)
def test_any_document_is_a_seed_file_or_refused(document: Any) -> None:
    read(yaml.safe_dump(document, allow_unicode=True))


@given(document=SEEDS)
def test_reading_twice_gives_the_same_cast(document: Any) -> None:
    text = yaml.safe_dump(document)
    first, second = read(text), read(text)
    if first is None or second is None:
        assert first is second
    else:
        assert first.accounts == second.accounts


FAULTS = st.dictionaries(
    st.sampled_from(
        [
            "dialect", "method", "path", "times", "status", "retry_after_s", "limit", "first_byte_after_s",
            "bytes_per_s", "break_after_bytes", "notices_late_s", "notice_copies", "colour",
        ]
    ),
    st.one_of(st.none(), st.booleans(), st.integers(-1, 700), st.floats(), st.sampled_from(["telnyx", "GET", "/v2/*"])),
    max_size=5,
)  # fmt: skip


@given(document=FAULTS | st.lists(FAULTS, max_size=3) | DOCUMENTS)
def test_any_document_is_a_fault_or_refused(document: Any) -> None:
    try:
        faults = read_faults(document)
    except BadRequest:
        return
    for fault in faults:
        assert read_faults(write_fault(fault, fault.times)) == (fault,)
