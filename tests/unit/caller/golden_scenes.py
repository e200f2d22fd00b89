"""The calls of the golden requests: ``python -m tests.unit.caller.golden_scenes`` writes them anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callvault.caller.styles.registry import STYLES
from callvault.caller.styles.scene import Content, Dialogue, Format, Key, Line, Person, Scene
from callvault.caller.styles.style import Style

FOLDER = Path(__file__).parents[2] / "golden" / "protocols" / "siprec"
BEGAN = datetime(2026, 3, 1, 9, 0, 2, 40_000, tzinfo=UTC)
PCMU = Format(number=0, encoding="PCMU/8000")
PCMA = Format(number=8, encoding="PCMA/8000")
EVENTS = Format(number=101, encoding="telephone-event/8000", parameters="0-16")
SECRET_BYTES = {"AEAD_AES_256_GCM": 44, "AEAD_AES_128_GCM": 28, "AES_256_CM": 46, "AES_192_CM": 38}


def octets(name: str, length: int = 16) -> bytes:
    """Some, told from others by what they are for."""
    return (name.encode() * length)[:length]


RUTH = Person(id=octets("ruth"), user="+442079460101", host="example.org", name="Ruth", joined_at=BEGAN)
OMAR = Person(id=octets("omar"), user="2001", host="pbx.example.net", name="Omar & Søns", joined_at=BEGAN)
LENA = Person(
    id=octets("lena"), user="2002", host="pbx.example.net", name="Lena", joined_at=BEGAN + timedelta(seconds=30)
)
DUMMY = replace(OMAR, user="", name="")


def line(number: int) -> Line:
    return Line(
        id=octets(f"stream {number}"),
        number=number,
        port=40_000 + 2 * number,
        formats=(PCMU, PCMA, EVENTS),
        person=number,
    )


SCENE = Scene(
    signalling_host="192.0.2.10",
    signalling_port=5060,
    media_host="192.0.2.20",
    transport="udp",
    recorder="sip:recorder@198.51.100.7:5060",
    session=octets("session"),
    group=octets("group"),
    origin=170_312,
    version=0,
    recorded_call="7f3a9c21d0@192.0.2.44",
    began_at=BEGAN,
    now=BEGAN,
    people=(RUTH, OMAR),
    lines=(line(0), line(1)),
)
DIALOGUE = Dialogue(
    method="INVITE",
    target="sip:recorder@198.51.100.7:5060",
    branch="z9hG4bK74bf9c01",
    call_id="a1c8f0e2b7@192.0.2.10",
    from_tag="5f2e71",
    to_tag=None,
    cseq=1,
)


def keys(style: Style) -> tuple[Key, ...]:
    lengths = [next((n for name, n in SECRET_BYTES.items() if suite.startswith(name)), 30) for suite in style.suites]
    return tuple(
        Key(tag=tag, suite=suite, secret=octets(f"{suite} ", length))
        for tag, (suite, length) in enumerate(zip(style.suites, lengths, strict=True), start=1)
    )


def opening(style: Style) -> Scene:
    """As the style's INVITE has it."""
    scene = SCENE
    if style.corrects_people:
        scene = replace(scene, people=(RUTH, DUMMY))
    if style.mixed:
        scene = replace(scene, lines=(replace(line(0), person=None),))
    if style.names_one_first:
        scene = replace(scene, people=(RUTH,), lines=(line(0),))
    if style.adds_video:
        videos = tuple(
            Line(
                id=octets(f"video {number}"), number=number, port=40_000 + 2 * number,
                formats=(Format(number=97, encoding="H264/90000"),), person=number - 2, kind="video",
            )
            for number in (2, 3)
        )  # fmt: skip
        scene = replace(scene, lines=scene.lines + videos)
    return scene


def whole(style: Style) -> Scene:
    """When all are known."""
    scene = opening(style)
    lines = SCENE.lines if style.names_one_first else scene.lines
    return replace(scene, people=SCENE.people, lines=lines, now=BEGAN + timedelta(seconds=10), version=1)


def held(scene: Scene) -> Scene:
    return replace(scene, lines=tuple(replace(entry, active=False) for entry in scene.lines), version=scene.version + 1)


def transferred(scene: Scene) -> Scene:
    gone = replace(OMAR, left_at=LENA.joined_at)
    lines = tuple(replace(entry, person=2) if entry.person == 1 else entry for entry in scene.lines)
    return replace(scene, people=(RUTH, gone, LENA), lines=lines, now=LENA.joined_at, version=scene.version + 1)


def requests(style: Style) -> Iterator[tuple[str, bytes]]:
    """Name and octets of each golden request of a style."""
    later = replace(DIALOGUE, to_tag="c0ffee", cseq=style.first_cseq + 1, branch="z9hG4bK74bf9c02")
    first = replace(DIALOGUE, cseq=style.first_cseq)
    begin = Content.NOTHING if style.offers_late else Content.BOTH
    yield "invite", style.request(begin, opening(style), first)
    if style.offers_late:
        answer = replace(first, method="ACK", to_tag="c0ffee")
        yield "ack", style.request(Content.DESCRIPTION, opening(style), answer)
        return
    secure = tuple(replace(entry, keys=keys(style)) for entry in opening(style).lines)
    tls = replace(opening(style), lines=secure, transport="tls", recorder="sips:recorder@198.51.100.7:5061")
    yield "secure", style.request(Content.BOTH, tls, first)
    if style.names_one_first:
        yield "second", style.request(Content.BOTH, whole(style), later)
    if style.corrects_people:
        yield "update", style.request(Content.METADATA, whole(style), replace(later, method="UPDATE"))
    yield "hold", style.request(Content.BOTH, held(whole(style)), later)
    yield "transfer", style.request(Content.BOTH, transferred(whole(style)), later)
    with_words = replace(opening(style), parameters=(("case", "4711 <new>"),))
    yield "parameters", style.request(begin, with_words, first)


def write() -> None:
    for name, style in STYLES.items():
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
        for request, content in requests(style):
            (FOLDER / name / f"{request}.sip").write_bytes(content)


if __name__ == "__main__":
    write()
