"""What a benchmark comes to: a table of figures, and which budgets they keep.

A benchmark is a module of this package with a function ``tables(wish: Wish) -> Iterator[Table]``; ``__main__`` has the
list of their names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Cell = str | int | float | None


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How long somebody is willing to wait."""

    rounds: int | None = None
    """How often everything is measured in turn; None: as often as the benchmark finds right."""
    recordings: int | None = None
    """How many recordings there are in the catalogue; None: as many as the benchmark finds right."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """One promise, and how it stands."""

    what: str
    measured: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the figure is on the right side of its bounds, which belong to it."""
        return (self.at_least is None or self.measured >= self.at_least) and (
            self.at_most is None or self.measured <= self.at_most
        )

    def sentence(self) -> str:
        """The promise and its figure in one line."""
        bounds = [f"≥ {_text(self.at_least)}"] if self.at_least is not None else []
        bounds += [f"≤ {_text(self.at_most)}"] if self.at_most is not None else []
        return f"{'kept' if self.kept else 'MISSED'}: {self.what}: {_text(self.measured)} ({' and '.join(bounds)})"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Figures under headings."""

    title: str
    about: tuple[str, ...]
    """What was measured and against what, a sentence each."""
    columns: tuple[str, ...]
    """The first names the row; the units stand in the headings."""
    rows: Sequence[Sequence[Cell]]
    budgets: tuple[Budget, ...] = ()

    def markdown(self) -> str:
        """As it stands in the documentation: one sentence per line, then the table, then the budgets."""
        lines = [f"### {self.title}", "", *self.about, ""]
        cells = [list(self.columns), *([_text(cell) for cell in row] for row in self.rows)]
        widths = [max(len(row[place]) for row in cells) for place in range(len(self.columns))]
        ruler = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        for row in [cells[0], ruler, *cells[1:]]:
            padded = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]  # noqa: B905
            lines.append(f"| {' | '.join(padded)} |")
        if self.budgets:
            lines += ["", *(f"- {budget.sentence()}" for budget in self.budgets)]
        return "\n".join(lines) + "\n"

    def plain(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "title": self.title,
            "about": list(self.about),
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "budgets": [
                {
                    "what": budget.what,
                    "measured": budget.measured,
                    "at_least": budget.at_least,
                    "at_most": budget.at_most,
                    "kept": budget.kept,
                }
                for budget in self.budgets
            ],
        }


def _text(cell: Cell) -> str:
    """Three figures that count; more only before the point."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int) or abs(cell) >= 100:
        return f"{cell:,.0f}"
    return f"{cell:.3g}" if abs(cell) < 10 else f"{cell:.1f}"
