"""Keys are taken from descriptions as they come, and never stay in what is kept for reading."""

from __future__ import annotations

import base64

import pytest

from callvault.protocols.sdp.crypto import crypto_of, struck_out
from callvault.protocols.sdp.description import Description
from callvault.protocols.srtp_keys import SrtpKey
from tests.unit.protocols.siprec.clients import FILES, FOLDER, sent

SECRET = bytes(range(1, 31))
KEY = base64.b64encode(SECRET).decode()


OTHER = base64.b64encode(bytes(range(31, 61))).decode()


def chosen(*values: str) -> tuple[SrtpKey, ...]:
    lines = "".join(f"a=crypto:{value}\r\n" for value in values)
    line = crypto_of(Description.parse(f"v=0\r\nm=audio 1 RTP/SAVP 0\r\n{lines}".encode()).media[0])
    return line.keys if line else ()


def first(*values: str) -> SrtpKey | None:
    return next(iter(chosen(*values)), None)


@pytest.mark.parametrize(
    "value",
    [
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY.rstrip('=')}",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^99",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|0|",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|many",
        f"1 aes_cm_128_hmac_sha1_80  INLINE:{KEY} KDR=0 UNENCRYPTED_SRTCP",
    ],
)
def test_a_key_is_read_with_all_that_may_stand_around_it(value: str) -> None:
    assert first(value) == SrtpKey(suite="AES_CM_128_HMAC_SHA1_80", secret=SECRET)


@pytest.mark.parametrize(
    "value",
    [
        f"1 F8_128_HMAC_SHA1_80 inline:{KEY}",
        f"1 AEAD_AES_128_GCM inline:{KEY}",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|256:1",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:0",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:129",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4|2:4",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY};inline:{OTHER}",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|1:4;inline:{OTHER}",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|1:4;inline:{OTHER}|2:2",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|1:4;inline:{OTHER}|1:4",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|1:4;",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} KDR=1",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNENCRYPTED_SRTP",
        f"1 AES_CM_128_HMAC_SHA1_80 prompt:{KEY}",
        "1 AES_CM_128_HMAC_SHA1_80 inline:***",
        f"one AES_CM_128_HMAC_SHA1_80 inline:{KEY}",
        "1 AES_CM_128_HMAC_SHA1_80",
        "",
    ],
)
def test_a_key_that_cannot_be_used_is_passed_over(value: str) -> None:
    assert first(value) is None
    assert first(value, f"2 AES_CM_128_HMAC_SHA1_32 inline:{KEY}") == SrtpKey(
        suite="AES_CM_128_HMAC_SHA1_32", secret=SECRET
    )


@pytest.mark.parametrize(
    ("told", "mki", "lifetime"),
    [
        ("|2^20", b"", 1 << 20),
        ("|1000", b"", 1000),
        ("|2^48", b"", 1 << 48),
        ("|2^20|1:4", b"\0\0\0\1", 1 << 20),
        ("|1:1", b"\1", None),
        ("||255:1", b"\xff", None),
        (f"|2^31|{(1 << 1024) - 1}:128", b"\xff" * 128, 1 << 31),
    ],
)
def test_what_a_key_is_called_and_how_long_it_serves_is_read(told: str, mki: bytes, lifetime: int | None) -> None:
    line = f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}{told}"
    assert chosen(line) == (SrtpKey(suite="AES_CM_128_HMAC_SHA1_80", secret=SECRET, mki=mki, lifetime=lifetime),)


def test_all_keys_of_a_line_are_kept_in_their_order() -> None:
    line = f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|5:2;inline:{OTHER}|2^20|4:2"
    assert [(key.secret, key.mki) for key in chosen(line)] == [(SECRET, b"\0\5"), (bytes(range(31, 61)), b"\0\4")]


def test_of_twelve_suites_the_first_that_can_be_undone_is_chosen() -> None:
    media = Description.parse(sent("opensips", "secure").part("application/sdp")).media[0]
    line = crypto_of(media)
    assert line is not None
    assert (line.tag, line.suite, len(line.keys[0].secret)) == (1, "AEAD_AES_256_GCM", 44)


def test_a_key_is_not_shown() -> None:
    assert "secret" not in repr(SrtpKey(suite="AES_CM_128_HMAC_SHA1_80", secret=SECRET))


@pytest.mark.parametrize(("client", "name"), [each for each in FILES if each[1] == "secure"])
def test_no_key_stays_in_a_message_that_is_kept(client: str, name: str) -> None:
    message = (FOLDER / client / f"{name}.sip").read_bytes().decode("latin-1")
    kept = struck_out(message)
    assert "inline:" not in kept
    assert kept.count("a=crypto:") == message.count("a=crypto:") > 0
    assert struck_out(kept) == kept
    assert [line for line in kept.split("\r\n") if "crypto" not in line] == [
        line for line in message.split("\r\n") if "crypto" not in line
    ]


@pytest.mark.parametrize(
    "line", ["a=crypto:1 X inline:S3CRET", " a= crypto : 1  X  S3CRET|2^31", "A=CRYPTO:1 x INLINE:S3CRET"]
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_keys_are_found_however_they_are_written(line: str, end: str) -> None:
    kept = struck_out(f"s=-{end}{line}{end}a=label:1")
    assert "S3CRET" not in kept
    assert kept.endswith(f"{end}a=label:1")
