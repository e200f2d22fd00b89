"""The scene of a call as it goes on: who is in it, which lines there are, and what an answer makes of them.

What lives here: changes of the scene, outlets of lines.  What does not: requests (``session``), when (``call``).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from callvault.caller import srtp, timeline
from callvault.caller.answer import Agreed
from callvault.caller.codecs import Codec, codec_named
from callvault.caller.outlet import Outlet
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.sound import Sound
from callvault.caller.styles.scene import Format, Key, Line, Person, Scene
from callvault.caller.styles.style import EVENT_ENCODING, Style
from callvault.errors import HouseError

_NOISE = Format(number=timeline.COMFORT_NOISE, encoding="CN/8000")
_VIDEO = Format(number=97, encoding="H264/90000")


class Stage:
    """The scene, and the outlets of its lines."""

    def __init__(self, plan: CallPlan, style: Style, scene: Scene, dice: random.Random) -> None:
        self._plan, self._style, self._dice = plan, style, dice
        self.scene = scene
        self.outlets: dict[int, Outlet] = {}
        self.voices: dict[int, Voice] = {}
        """What is said on each line."""

    def close(self) -> None:
        """Give all ports back."""
        for outlet in self.outlets.values():
            outlet.close()

    # Who and what there is

    def open(self) -> None:
        """Everybody who is there from the beginning, with a line for each, or one for all."""
        there, later_s = self._plan.begins, self._plan.answers_at_s or 0.0
        for voice in there:
            self.enter(voice)
        if self._style.mixed:
            later = [
                replace(voice, begins_at_s=voice.begins_at_s + later_s) for voice in self._plan.voices[len(there) :]
            ]
            self.add_line(mixed([*there, *later]), person=None)
        else:
            for number, voice in enumerate(there[: self._style.most_streams]):
                self.add_line(voice, person=number)
        if self._style.adds_video:
            for number in range(2):
                self.add_line(None, person=number)
        if self._plan.rings_until_s is not None:
            self.flow(active=False)

    def enter(self, voice: Voice) -> int:
        """Somebody joins; their place among the people."""
        person = Person(
            id=self._dice.randbytes(16), user=voice.user, host=voice.host, name=voice.name, joined_at=datetime.now(UTC)
        )
        self.scene = replace(self.scene, people=(*self.scene.people, person))
        return len(self.scene.people) - 1

    def leave(self, number: int) -> None:
        """Somebody goes, and their lines are closed."""
        people = list(self.scene.people)
        people[number] = replace(people[number], left_at=datetime.now(UTC))
        lines = tuple(replace(line, port=0) if line.person == number else line for line in self.scene.lines)
        self.scene = replace(self.scene, people=tuple(people), lines=lines)

    def replace_person(self, number: int, user: str, name: str) -> None:
        """Somebody takes over another one's lines."""
        host = self.scene.people[number].host
        successor = self.enter(
            Voice(sound=Sound(samples=np.zeros(0, np.int16), rate=8_000), user=user, host=host, name=name)
        )
        people = list(self.scene.people)
        people[number] = replace(people[number], left_at=datetime.now(UTC))
        lines = tuple(replace(line, person=successor) if line.person == number else line for line in self.scene.lines)
        self.scene = replace(self.scene, people=tuple(people), lines=lines)

    def rename(self, number: int, user: str, name: str) -> None:
        """It turns out who somebody is."""
        people = list(self.scene.people)
        people[number] = replace(people[number], user=user, name=name)
        self.scene = replace(self.scene, people=tuple(people))

    def add_line(self, voice: Voice | None, *, person: int | None) -> int:
        """A line; video where nobody has a voice for it.  Its number."""
        number = len(self.scene.lines)
        outlet = Outlet(number, self.scene.media_host)
        self.outlets[number] = outlet
        line = Line(
            id=self._dice.randbytes(16),
            number=number,
            port=outlet.port,
            formats=(_VIDEO,) if voice is None else formats(voice),
            person=person,
            kind="video" if voice is None else "audio",
            ptime_ms=self._plan.ptime_ms,
            keys=self._keys() if voice else (),
            ssrc=self._dice.getrandbits(32),
        )
        outlet.label = self._style.label(line)
        outlet.changes_key_at_s = self._plan.changes_key_at_s
        if voice is not None:
            self.voices[number] = voice
            outlet.begins_at_s = voice.begins_at_s
        self.scene = replace(self.scene, lines=(*self.scene.lines, line))
        return number

    def _keys(self) -> tuple[Key, ...]:
        plan = self._plan
        if not plan.secure:
            return ()
        changing = plan.changes_key_at_s is not None
        return srtp.keys(self._style.suites, self._dice.randbytes, mki_bytes=plan.mki_bytes, changing=changing)

    def flow(self, *, active: bool) -> None:
        """All lines are held, or go on."""
        self.scene = replace(self.scene, lines=tuple(replace(line, active=active) for line in self.scene.lines))

    def want_all(self) -> None:
        """Packets go on where they went, before the recorder has said yes again: its ports are still open."""
        for outlet in self.outlets.values():
            outlet.wanted = True

    def changed(self) -> None:
        """The description is another one from now on."""
        self.scene = replace(self.scene, version=self.scene.version + 1, now=datetime.now(UTC))

    # What an answer makes of it

    def agree(self, answers: Sequence[Agreed], lines: Sequence[Line]) -> list[str]:
        """Point the outlets of ``lines`` where an answer says; what is odd about it, a sentence each."""
        notes = []
        if len(answers) != len(lines):
            notes.append(f"The recorder answered {len(answers)} media lines; {len(lines)} were offered.")
        for line, agreed in zip(lines, answers, strict=False):
            label = self._style.label(line)
            outlet = self.outlets[line.number]
            outlet.wanted = agreed.direction in {"recvonly", "sendrecv"}
            if line.port == 0 or line.kind != "audio":
                if agreed.port:
                    notes.append(f"The recorder took the {line.kind} line {line.number + 1}, which it was not to take.")
                outlet.to = outlet.reports_to = None
                continue
            notes += _oddities(line, agreed, label)
            if agreed.port == 0:
                outlet.to = outlet.reports_to = None
                continue
            outlet.to = (agreed.host, agreed.port)
            outlet.reports_to = (agreed.host, agreed.rtcp_port) if agreed.rtcp_port and self._plan.rtcp else None
            self._protect(line, agreed, outlet)
        return notes

    def _protect(self, line: Line, agreed: Agreed, outlet: Outlet) -> None:
        if line.keys and outlet.protection is None:
            chosen = next((key for key in line.keys if key.tag == agreed.crypto_tag), None)
            if chosen is None:
                raise HouseError("The recorder answered SRTP without choosing one of the keys.")
            outlet.protection = srtp.Protection(chosen)

    def codecs(self, number: int, agreed: Agreed) -> list[Codec]:
        """What a line is sent as: the voice's codecs, as far as the recorder agreed to them."""
        voice = self.voices[number]
        encodings = {encoding.partition("/")[0].upper() for _, encoding in agreed.encodings}
        wished = [codec_named(name) for name in (voice.codec, voice.second_codec) if name is not None]
        kept = [codec for codec in wished if codec.format.encoding.partition("/")[0].upper() in encodings]
        if not kept:
            names = ", ".join(codec.name for codec in wished)
            raise HouseError(f"The recorder takes none of {names} on line {number + 1}.")
        return kept


def formats(voice: Voice) -> tuple[Format, ...]:
    """What a voice's line offers."""
    named = [codec_named(name).format for name in (voice.codec, voice.second_codec) if name is not None]
    events = Format(number=timeline.Conduct().event_type, encoding=EVENT_ENCODING, parameters="0-16")
    return (*named, events, *([_NOISE] if voice.suppresses_silence else []))


def mixed(voices: Sequence[Voice]) -> Voice:
    """One voice that says what all say."""
    rate = max(voice.sound.rate for voice in voices)
    seconds = max(voice.begins_at_s + voice.sound.seconds for voice in voices)
    total = np.zeros(round(seconds * rate), dtype=np.int32)
    for voice in voices:
        samples = voice.sound.at_rate(rate).samples
        begin = round(voice.begins_at_s * rate)
        total[begin : begin + len(samples)] += samples[: len(total) - begin]
    sound = Sound(samples=np.clip(total, -32_768, 32_767).astype(np.int16), rate=rate)
    return replace(voices[0], sound=sound, begins_at_s=0.0)


def _oddities(line: Line, agreed: Agreed, label: str) -> list[str]:
    notes = []
    if agreed.port == 0:
        notes.append(f"The recorder refused line {line.number + 1}.")
    elif agreed.label not in {None, label}:
        notes.append(f"The recorder answered label {agreed.label!r} on the line with label {label!r}.")
    elif line.active and agreed.direction == "inactive":
        notes.append(f"The recorder answered inactive to line {line.number + 1}, which was offered sendonly.")
    return notes
