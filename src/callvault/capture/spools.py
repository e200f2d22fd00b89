"""The spool folder: where takes lie while they are live, when they have ended, and when they cannot be finished.

What does not live here: what is in the files (``protocols.spool``), who writes them (``journals``, ``media``).
A take moves from ``live`` to ``ended`` by renaming its files, the journal last: so whoever finds a journal in ``ended``
has all there is, whatever was killed when.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

JOURNAL, MEDIA = ".journal", ".media"


@dataclass(frozen=True, kw_only=True, slots=True)
class SpoolPaths:
    """Where a take's two files lie."""

    journal: Path
    media: Path


class Spools:
    """The spool folder of one node.  It is made where it is missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._live = folder / "live"
        self._ended = folder / "ended"
        self._trouble = folder / "trouble"
        self._work = folder / "work"
        self._cuts = folder / "cuts"
        for each in (self._live, self._ended, self._trouble, self._work, self._cuts):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)

    def live(self, take: UUID) -> SpoolPaths:
        """The files of a take that is under way."""
        return _paths(self._live, take)

    def ended(self, take: UUID) -> SpoolPaths:
        """The files of a take that waits for being finished."""
        return _paths(self._ended, take)

    def live_takes(self) -> list[UUID]:
        """Whatever has a file among the live ones, oldest first: after a crash these are nobody's."""
        return _takes(self._live, (JOURNAL, MEDIA))

    def ended_takes(self) -> list[UUID]:
        """What waits for being finished, oldest first."""
        return _takes(self._ended, (JOURNAL,))

    def end(self, take: UUID) -> None:
        """Hand a take over to whoever finishes it; may be repeated."""
        before, after = self.live(take), self.ended(take)
        for old, new in ((before.media, after.media), (before.journal, after.journal)):
            if old.exists():
                old.rename(new)

    def cut(self, take: UUID, recording: UUID) -> None:
        """A recording of a take has ended, and may be finished before its call has."""
        (self._cuts / f"{take}.{recording}").touch(mode=0o600)

    def cuts(self) -> list[tuple[UUID, UUID, float]]:
        """Take, recording, and when it was said (seconds since 1970), oldest first."""
        found = []
        for path in self._cuts.iterdir():
            take, _, recording = path.name.partition(".")
            found.append((path.stat().st_mtime, UUID(take), UUID(recording)))
        return [(take, recording, at) for at, take, recording in sorted(found)]

    def forget_cut(self, take: UUID, recording: UUID) -> None:
        """It has been finished, or will be with its call."""
        shutil.rmtree(self._work / f"{take}.{recording}", ignore_errors=True)
        (self._cuts / f"{take}.{recording}").unlink(missing_ok=True)

    def either(self, take: UUID) -> SpoolPaths:
        """The files of a take, live or ended."""
        live = self.live(take)
        return live if live.journal.exists() else self.ended(take)

    def work(self, take: UUID, recording: UUID | None = None) -> Path:
        """An empty folder for finishing a take, or one recording; what a killed finisher left in it is gone."""
        folder = self._work / (f"{take}.{recording}" if recording is not None else str(take))
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def forget(self, take: UUID) -> None:
        """Remove everything of an ended take; its recording is safe."""
        paths = self.ended(take)
        shutil.rmtree(self._work / str(take), ignore_errors=True)
        for cut in self._cuts.glob(f"{take}.*"):
            cut.unlink(missing_ok=True)
        paths.media.unlink(missing_ok=True)
        paths.journal.unlink(missing_ok=True)

    def set_aside(self, take: UUID, why: str) -> Path:
        """Keep an ended take that cannot be finished, with the reason beside it, for people to look at."""
        paths, kept = self.ended(take), _paths(self._trouble, take)
        (self._trouble / f"{take}.txt").write_text(why + "\n", encoding="utf-8")
        for old, new in ((paths.media, kept.media), (paths.journal, kept.journal)):
            if old.exists():
                old.rename(new)
        shutil.rmtree(self._work / str(take), ignore_errors=True)
        return kept.journal

    def troubles(self) -> dict[UUID, str]:
        """What was set aside, and why."""
        return {UUID(path.stem): path.read_text(encoding="utf-8").strip() for path in self._trouble.glob("*.txt")}


def _paths(folder: Path, take: UUID) -> SpoolPaths:
    return SpoolPaths(journal=folder / f"{take}{JOURNAL}", media=folder / f"{take}{MEDIA}")


def _takes(folder: Path, endings: tuple[str, ...]) -> list[UUID]:
    found = {path.stem for path in folder.iterdir() if path.suffix in endings}
    return sorted(UUID(name) for name in found)  # version 7: by time
