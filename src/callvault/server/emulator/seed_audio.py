"""A recording's audio as the seed file asks for it: a file beside it, one of the demo's, or some that is made."""

from __future__ import annotations

from pathlib import Path

from callvault.audio.probe import probe
from callvault.demo.recordings import demo_recordings
from callvault.errors import NotAudio
from callvault.model.media import MediaFormat
from callvault.server.emulator.nodes import Node
from callvault.server.emulator.seed import LONG_AGO, Audio, AudioFile, MadeAudio

KINDS = ("speech", "tone", "silence")
USUAL_MS = 5_000
MOST_S = 4 * 3600
LOWEST_RATE, HIGHEST_RATE = 8_000, 48_000
LOWEST_HZ, HIGHEST_HZ = 20, 2_500
"""The fifth above has to stay below half of the lowest rate."""


def read_audio(node: Node | None, recording: Node, *, usual_ms: int | None) -> Audio:
    """What to play.  ``usual_ms``: how long it is where nothing is said; None: five seconds.

    Raises:
        OperatorError: there is no such file, or it is no audio, or a number is out of its range; says where.
    """
    if node is None:
        return MadeAudio(kind="speech", duration_ms=_bounded(usual_ms or USUAL_MS, recording))
    if isinstance(node.value, str):
        return _file(node, node.file.parent / node.text("audio"))
    entries = node.entries("audio")
    if list(entries) == ["demo"]:
        names = {entry.file.name: entry.file for entry in demo_recordings(LONG_AGO)}
        return _file(node, entries["demo"].one_of("demo", names))
    kinds = [kind for kind in KINDS if kind in entries]
    known = (*KINDS, "channels", "format", "sample_rate", "hz")
    if len(kinds) != 1 or any(name not in known for name in entries):
        raise node.wrong(
            "audio must be a file's name, {demo: NAME}, or one of speech, tone and silence with its seconds,"
            " and with channels, format, sample_rate and (for a tone) hz where they matter."
        )
    return _made(entries, kinds[0])


def _made(entries: dict[str, Node], kind: str) -> MadeAudio:
    seconds = entries[kind].number(kind)
    formats = {form.value: form for form in MediaFormat}
    audio = MadeAudio(
        kind=kind,
        duration_ms=_bounded(round(seconds * 1000), entries[kind]),
        channels=entries["channels"].whole("channels", 1, 2) if "channels" in entries else 1,
        format=entries["format"].one_of("format", formats) if "format" in entries else MediaFormat.WAV,
        sample_rate=entries["sample_rate"].whole("sample_rate", LOWEST_RATE, HIGHEST_RATE)
        if "sample_rate" in entries
        else LOWEST_RATE,
        hz=entries["hz"].number("hz") if "hz" in entries else 440.0,
    )
    if "hz" in entries and (kind != "tone" or not LOWEST_HZ <= audio.hz <= HIGHEST_HZ):
        raise entries["hz"].wrong(f"hz is for a tone, from {LOWEST_HZ} to {HIGHEST_HZ}.")
    return audio


def _bounded(duration_ms: int, node: Node) -> int:
    if not 0 < duration_ms <= MOST_S * 1000:
        raise node.wrong(f"Made audio lasts more than 0 and at most {MOST_S} seconds.")
    return duration_ms


def _file(node: Node, path: Path) -> AudioFile:
    try:
        probe(path)
    except OSError as error:
        raise node.wrong(f"The audio {path} cannot be read: {error.strerror}.") from error
    except NotAudio as error:
        raise node.wrong(f"{path}: {error}") from error
    return AudioFile(path=path)
