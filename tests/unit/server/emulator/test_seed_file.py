"""The seed file: what it means, and what is said of one that is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from callvault.errors import OperatorError
from callvault.model.events import EventKind
from callvault.model.media import MediaFormat
from callvault.model.recording import Direction, Status
from callvault.server.emulator.clock import ClockPlan, Pace
from callvault.server.emulator.seed import AudioFile, MadeAudio, Seed, Step
from callvault.server.emulator.seed_file import read_seed
from tests.world import tone_of_silence

WHOLE = """
clock: {pace: fast, factor: 30, start: 2026-03-01T09:00:00Z}
accounts:
  - name: acme
    id: 01a00bd4-4703-7546-a365-231c926c4cd1
    serial: 55001234
    key: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
    settings: {public_media: false}
    users:
      - {name: Ada, password: two teas, id: 01a00bd4-4703-7546-a365-231c926c4cd2}
    hooks:
      - dialect: telnyx
        url: https://app.example/hooks
        events: [recording.available, recording.failed]
        options: {client_state: abc, timeout_s: 5, quick: true}
    calls:
      - caller: {number: +12025550143, name: no}
        direction: outbound
        recordings:
          - name: first
            user: ada
            audio: {tone: 2.5, hz: 300, channels: 2, format: mp3, sample_rate: 16000}
          - name: second
            direction: inbound
            progress: {0: capturing, 4: paused, 6: capturing, 9.5: processing, 12: available}
    recordings:
      - name: alone
        id: 01a00bd4-4703-7546-a365-231c926c4cd3
        started_at: -3600
        audio: hello.wav
        label: 2026-01-01
  - name: other
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "seed.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def read(folder: Path, text: str) -> Seed:
    return read_seed(write(folder, text))


def test_everything_that_a_file_can_say(tmp_path: Path) -> None:
    hello = tmp_path / "hello.wav"
    hello.write_bytes(tone_of_silence(1, 1000))
    seed = read(tmp_path, WHOLE)
    assert seed.clock == ClockPlan(pace=Pace.FAST, factor=30, start=datetime(2026, 3, 1, 9, tzinfo=UTC))
    acme, other = seed.accounts
    assert (acme.id, acme.serial) == (UUID("01a00bd4-4703-7546-a365-231c926c4cd1"), 55001234)
    assert acme.settings == {"public_media": False}
    assert [(user.name, user.password) for user in acme.users] == [("ada", "two teas")]
    (hook,) = acme.hooks
    assert (hook.dialect, hook.url, hook.events) == (
        "telnyx",
        "https://app.example/hooks",
        frozenset({EventKind.AVAILABLE, EventKind.FAILED}),
    )
    assert hook.options == {"client_state": "abc", "timeout_s": "5", "quick": "true"}
    first, second, alone = acme.recordings
    assert first.audio == MadeAudio(
        kind="tone", duration_ms=2500, channels=2, format=MediaFormat.MP3, sample_rate=16000, hz=300
    )
    assert first.card.user_id == acme.users[0].id
    assert second.steps == tuple(
        Step(after=timedelta(seconds=after), status=status)
        for after, status in (
            (0, Status.CAPTURING),
            (4, Status.PAUSED),
            (6, Status.CAPTURING),
            (9.5, Status.PROCESSING),
            (12, Status.AVAILABLE),
        )
    )
    assert alone.audio == AudioFile(path=hello)
    assert alone.moments == {"started_at": timedelta(hours=-1)}
    assert alone.id == UUID("01a00bd4-4703-7546-a365-231c926c4cd3")
    assert other.recordings == ()


def test_what_a_call_says_holds_for_its_recordings_that_do_not_say_otherwise(tmp_path: Path) -> None:
    (tmp_path / "hello.wav").write_bytes(tone_of_silence(1, 1000))
    first, second, alone = read(tmp_path, WHOLE).accounts[0].recordings
    assert first.card.call_id == second.card.call_id != alone.card.call_id
    assert (first.card.direction, second.card.direction) == (Direction.OUTBOUND, Direction.INBOUND)
    assert second.card.caller.number == "+12025550143"


def test_words_numbers_and_dates_are_what_yaml_1_2_says(tmp_path: Path) -> None:
    (tmp_path / "hello.wav").write_bytes(tone_of_silence(1, 1000))
    first, _, alone = read(tmp_path, WHOLE).accounts[0].recordings
    assert first.card.caller.name == "no"
    assert alone.card.label == "2026-01-01"


def test_what_is_not_said_is_the_same_at_every_reading(tmp_path: Path) -> None:
    text = "accounts: [{name: acme, users: [{name: ada, password: x}], recordings: [{}, {}]}]"
    (one,), (two,) = read(tmp_path, text).accounts, read(tmp_path, text).accounts
    assert one == two
    assert [recording.name for recording in one.recordings] == ["recording-1", "recording-2"]
    assert one.recordings[0].card.call_id != one.recordings[1].card.call_id


def test_audio_that_nobody_describes_is_as_long_as_it_was_captured(tmp_path: Path) -> None:
    text = """
accounts:
  - name: acme
    recordings:
      - {name: paused, progress: {-2: capturing, 4: paused, 6: capturing, 9.5: processing, 12: available}}
      - {name: endless, progress: {0: capturing}}
      - {name: finished}
"""
    lengths = [recording.audio for recording in read(tmp_path, text).accounts[0].recordings]
    assert [audio.duration_ms for audio in lengths if isinstance(audio, MadeAudio)] == [9500, 5000, 5000]


def test_a_transcription_needs_no_more_than_its_words(tmp_path: Path) -> None:
    text = "accounts: [{name: acme, recordings: [{transcription: {transcripts: [{text: Hi., confidence: 1}]}}]}]"
    (recording,) = read(tmp_path, text).accounts[0].recordings
    assert recording.card.transcription is not None
    assert recording.card.transcription.text == "Hi."
    assert recording.moments == {"transcription": timedelta()}


MISTAKES = {
    "no mapping": ("- a", 1, "The file must be a mapping"),
    "no accounts": ("clock: real", 1, "There are no accounts"),
    "broken YAML": ("accounts:\n  - name: 'acme", 2, "This is not YAML"),
    "an unknown field": ("accounts:\n  - name: acme\n    colour: red", 3, "An account has no field 'colour'"),
    "a name twice": ("accounts:\n  - name: acme\n    name: other", 3, "name stands here twice"),
    "two of a name": ("accounts:\n  - name: a\n  - name: a", 1, "Two have the same name, 'a'"),
    "no name": ("accounts:\n  - key: x", 2, "An account needs a name"),
    "a bad key": ("accounts:\n  - name: a\n    key: abc", 3, "key must be 64 characters"),
    "a bad id": ("accounts:\n  - name: a\n    id: abc", 3, "id must be a UUID"),
    "a bad serial": ("accounts:\n  - name: a\n    serial: 0", 3, "serial must be a whole number from 1"),
    "a bad setting": ("accounts:\n  - name: a\n    settings: {public_media: 1}", 3, "must be true or false"),
    "a user without password": ("accounts:\n  - name: a\n    users:\n      - name: b", 4, "A user needs a password"),
    "a hook without URL": ("accounts:\n  - name: a\n    hooks:\n      - dialect: telnyx", 4, "A hook needs a url"),
    "an unknown event": (
        "accounts:\n  - name: a\n    hooks: [{dialect: telnyx, url: x, events: [rang]}]",
        3,
        "An event",
    ),
    "an unknown pace": ("clock: slow\naccounts: []", 1, "pace must be one of real, fast, stepped"),
    "a factor at rest": ("clock: {pace: stepped, factor: 2}\naccounts: []", 1, "factor is for a fast clock"),
    "a factor of 0": ("clock:\n  pace: fast\n  factor: 0\naccounts: []", 3, "factor is for a fast clock"),
    "a start in words": ("clock:\n  pace: fast\n  start: now\naccounts: []", 3, "start must be an ISO 8601 time"),
    "a start far off": ("clock:\n  pace: fast\n  start: 9500-01-01\naccounts: []", 3, "start must lie in the years"),
}

RECORDING_MISTAKES = {
    "an unknown field": ("colour: red", 1, "A recording has no field 'colour'"),
    "a card's value": ("caller:\n  number: 5", 2, "caller.number must be a text, not 5"),
    "a card's word": ("direction: up", 1, "direction must be one of inbound, outbound"),
    "what the audio says": ("duration_ms: 5", 1, "duration_ms is worked out here"),
    "a status outside of progress": ("status: available", 1, "status is worked out here"),
    "an id of another version": ("id: 0a4f1c9e-2222-41ef-8a10-02420a0d7e70", 1, "version 7"),
    "an unknown user": ("user: bob", 1, "has no user 'bob'"),
    "a step back": ("progress:\n  0: capturing\n  5: processing\n  4: available", 4, "steps go forward in time"),
    "a step that cannot be": ("progress:\n  0: capturing\n  5: available", 3, "capturing cannot become available"),
    "an unknown step": ("progress:\n  0: ringing", 2, "A step must be one of capturing"),
    "a step at no time": ("progress:\n  soon: capturing", 2, "soon is no offset"),
    "no steps": ("progress: {}", 1, "progress needs at least one step"),
    "a start beside the progress": ("started_at: -5\nprogress: {0: capturing}", 1, "comes from the progress"),
    "audio that is not there": ("audio: nobody.wav", 1, "cannot be read: No such file"),
    "audio that is none": ("audio: seed.yaml", 1, "This is not audio"),
    "an unknown demo": ("audio: {demo: x.wav}", 1, "demo must be one of"),
    "audio of two kinds": ("audio: {speech: 1, tone: 2}", 1, "audio must be"),
    "audio without length": ("audio: {speech: 0}", 1, "Made audio lasts more than 0"),
    "three channels": ("audio: {speech: 1, channels: 3}", 1, "channels must be a whole number from 1 to 2"),
    "a pitch of speech": ("audio: {speech: 1, hz: 300}", 1, "hz is for a tone"),
    "a transcription's field": ("transcription: {words: x}", 1, "A transcription has no field 'words'"),
    "a transcription's value": ("transcription:\n  locale: 5", 2, "transcription.locale must be a text"),
}


@pytest.mark.parametrize(("text", "line", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_by_its_line(text: str, line: int, sentence: str, tmp_path: Path) -> None:
    check_mistake(tmp_path, text, line, sentence)


@pytest.mark.parametrize(("text", "line", "sentence"), RECORDING_MISTAKES.values(), ids=RECORDING_MISTAKES)
def test_a_recordings_mistake_is_told_by_its_line(text: str, line: int, sentence: str, tmp_path: Path) -> None:
    indented = text.replace("\n", "\n        ")
    head = "accounts:\n  - name: acme\n    recordings:\n      - name: wrong\n        "
    check_mistake(tmp_path, head + indented, 4 + line, sentence)


def test_a_mistake_in_a_call_is_told_where_the_call_says_it(tmp_path: Path) -> None:
    text = "accounts:\n  - name: acme\n    calls:\n      - label: 5\n        recordings:\n          - name: one"
    check_mistake(tmp_path, text, 4, "label must be a text, not 5")


def check_mistake(folder: Path, text: str, line: int, sentence: str) -> None:
    file = write(folder, text)
    with pytest.raises(OperatorError) as refused:
        read_seed(file)
    told = str(refused.value)
    assert told.startswith(f"{file}, line {line}: "), told
    assert sentence in told
    assert "\n" not in told


def test_an_anchor_that_holds_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="nested too deeply"):
        read(tmp_path, "accounts: &a [*a]")


def test_anchors_that_multiply_are_refused(tmp_path: Path) -> None:
    lines = ["a: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"b{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 9)]
    with pytest.raises(OperatorError, match="repeats itself"):
        read(tmp_path, "\n".join(lines))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"nobody\.yaml cannot be read: No such file"):
        read_seed(tmp_path / "nobody.yaml")
    (tmp_path / "seed.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(OperatorError, match="is not UTF-8"):
        read_seed(tmp_path / "seed.yaml")
    with pytest.raises(OperatorError, match="is empty"):
        read(tmp_path, "")
