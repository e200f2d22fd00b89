"""Writes the reference parts of ``docs/``: settings, commands, the paths that each dialect answers, and
the events of its webhooks.

The tables come from the program's own, so they cannot drift from it.  Each page keeps its hand-written words; only
what stands between the two marks is replaced.

    python tools/write_reference.py            write the pages
    python tools/write_reference.py --check    say which pages are stale, and fail
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import click
from golden_coverage import held

from callvault.cli import main as callvault
from callvault.dialects import registry
from callvault.dialects.contract import Dialect
from callvault.model.events import EventKind
from callvault.server.settings import PREFIX, SETTINGS, Setting

DOCS = Path(__file__).parent.parent / "docs"
BEGIN = "<!-- From here to the next mark: written by tools/write_reference.py. -->\n"
END = "<!-- Up to here. -->\n"


def settings() -> Iterator[str]:
    """A row for each setting."""
    yield from table("Setting", "Environment", "Default", "What it is")
    for entry in SETTINGS:
        yield row(f"`{entry.name}`", f"`{PREFIX}{entry.name.upper()}`", default_of(entry), entry.help)


def default_of(entry: Setting) -> str:
    """The default as somebody would write it."""
    return f"`{entry.default}`" if entry.default not in {"", None} else ""


def commands() -> Iterator[str]:
    """A section for each command, in the order of the program's own help."""
    for path, command in walk(callvault, "callvault"):
        arguments = [entry for entry in command.params if isinstance(entry, click.Argument)]
        options = [entry for entry in command.params if isinstance(entry, click.Option)]
        yield f"\n### `{' '.join([path, *map(argument_name, arguments)])}`\n\n{paragraphs(command.help or '')}\n"
        if options:
            yield "\n"
            yield from table("Option", "Meaning")
        for option in options:
            yield row(f"`{option_name(option)}`", option_meaning(option))


def argument_name(argument: click.Argument) -> str:
    """``NAME``, or ``NAME...`` where there may be several."""
    return (argument.name or "").upper() + ("..." if argument.nargs == -1 else "")


def option_name(option: click.Option) -> str:
    """The flag with a word for its value; a switch with its opposite."""
    flags = " / ".join([*option.opts, *option.secondary_opts])
    if option.is_flag:
        return flags
    if isinstance(option.type, click.Choice):
        return f"{flags} {'|'.join(map(str, option.type.choices))}"
    return f"{flags} {option.metavar or 'VALUE'}"


def option_meaning(option: click.Option) -> str:
    """The help, with what holds where the option is left out."""
    words = [option.help or ""]
    words += ["Required."] if option.required else []
    words += ["May be given again."] if option.multiple else []
    words += [f"Default: {option.default}."] if option.show_default else []
    return " ".join(words)


def walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it; a group is only its commands, unless it does something itself."""
    if isinstance(command, click.Group):
        if command.invoke_without_command:
            yield path, command
        for name, inner in command.commands.items():
            yield from walk(inner, f"{path} {name}")
    else:
        yield path, command


def paragraphs(text: str) -> str:
    """A docstring's paragraphs, each on one line."""
    return "\n\n".join(" ".join(block.split()) for block in text.split("\n\n"))


def coverage() -> Iterator[str]:
    """A section for each dialect, and a row for each of its paths."""
    for dialect in registry.load():
        yield from routes(dialect)


def routes(dialect: Dialect) -> Iterator[str]:
    """One dialect's heading and table."""
    asked = [route for route in dialect.routes if route.method != "OPTIONS"]  # a browser's question, not a client's
    split = split_of([(route.method, route.path) for route in asked])
    bases = list(dict.fromkeys(split(route.path) for route in asked))
    yield f"\n## {dialect.title}\n\n"
    yield f"[Notes](../src/callvault/dialects/{dialect.name}/NOTES.md)\n\n"
    if len(bases) > 1:
        yield f"All of it is there under each of {', '.join(f'`{base}`' for base in bases)}.\n\n"
    yield from table("Method", "Path", "What it does", "Open")
    for route in asked:
        if split(route.path) == bases[0]:
            path = route.path.removeprefix(bases[0]) if len(bases) > 1 else route.path
            yield row(route.method, f"`{path}`", route.about, "yes" if route.public else "")
    yield from tried(dialect, split)


def tried(dialect: Dialect, split: Callable[[str], str]) -> Iterator[str]:
    """Parameters and fields that golden cases hold a dialect to, by path; the same path under several bases once."""
    by_path: dict[tuple[str, str], tuple[set[str], dict[str, None]]] = {}
    for (method, path), (parameters, fields) in held(dialect).items():
        known = by_path.setdefault((method, path.removeprefix(split(path))), (set(), {}))
        known[0].update(parameters)
        known[1].update(fields)
    if not by_path:
        return
    yield "\nParameters and fields that [golden cases](../tests/golden) hold it to:\n\n"
    yield from table("Method", "Path", "Parameters", "Fields")
    for (method, path), (parameters, fields) in by_path.items():
        if parameters or fields:
            yield row(method, f"`{path}`", _code(sorted(parameters)), _code(_spared(fields)))


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _spared(fields: Iterable[str]) -> list[str]:
    """Fields without what all of them have in front: ``data[].id`` and ``data[].from`` are ``id`` and ``from``."""
    return list(dict.fromkeys(field.rpartition("[].")[2] if field.count("[].") == 1 else field for field in fields))


def split_of(paths: Sequence[tuple[str, str]]) -> Callable[[str], str]:
    """Says of a path under which base it stands, where a dialect has the very same paths under several."""
    segments = dict.fromkeys(paths[0][1].split("/")[1:])
    splits: list[Callable[[str], str]] = [first_segment, *(partial(before_segment, segment) for segment in segments)]
    for split in splits:
        below: dict[str, set[tuple[str, str]]] = {}
        for method, path in paths:
            base = split(path)
            below.setdefault(base, set()).add((method, path.removeprefix(base)))
        if len(below) > 1 and len({frozenset(same) for same in below.values()}) == 1:
            return split
    return lambda _: ""


def first_segment(path: str) -> str:
    """``/v2`` of ``/v2/recordings``."""
    return "/" + path.split("/")[1]


def before_segment(segment: str, path: str) -> str:
    """What stands before a segment; all of it where the path has no such."""
    return path.partition(f"/{segment}/")[0]


def webhooks() -> Iterator[str]:
    """What each vendor calls the events, and the options of its hooks."""
    telling = [dialect for dialect in registry.load() if dialect.hooks.events]
    yield from table("Event", *(dialect.title for dialect in telling))
    for kind in EventKind:
        yield row(f"`{kind}`", *(event_names(dialect, kind) for dialect in telling))
    yield "\n## Options\n\n"
    yield from table("Dialect", "Option", "What it is")
    for dialect in telling:
        for name, option in dialect.hooks.options.items():
            choices = f" One of {', '.join(f'`{choice}`' for choice in option.choices)}." if option.choices else ""
            span = f" From {option.span[0]:g} to {option.span[1]:g}." if option.span else ""
            yield row(f"`{dialect.name}`", f"`{name}`", option.about + choices + span)


def event_names(dialect: Dialect, kind: EventKind) -> str:
    """What a vendor calls an event; bold where it is told unasked."""
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(dialect.hooks.events.get(kind, ())))
    return f"**{names}**" if names and kind in dialect.hooks.usual else names


def table(*names: str) -> Iterator[str]:
    """A table's head."""
    yield row(*names)
    yield "|" + "---|" * len(names) + "\n"


def row(*cells: str) -> str:
    """A table's row."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


REFERENCES = {"configuration.md": settings, "cli.md": commands, "coverage.md": coverage, "webhooks.md": webhooks}


def renewed(page: str, reference: Iterable[str]) -> str:
    """The page with its reference part as it is now."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise SystemExit("The page has lost its marks.")
    return head + BEGIN + "\n" + "".join(reference).strip("\n") + "\n\n" + END + tail


def run() -> None:
    """Write, or check."""
    parser = argparse.ArgumentParser(description="Write the reference parts of docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a page is stale")
    check = parser.parse_args().check
    stale = []
    for name, reference in REFERENCES.items():
        before = (DOCS / name).read_text(encoding="utf-8")
        after = renewed(before, reference())
        if after != before:
            stale.append(name)
            if not check:
                (DOCS / name).write_text(after, encoding="utf-8")
    if check and stale:
        sys.exit(f"{', '.join(stale)}: run python tools/write_reference.py")


if __name__ == "__main__":
    run()
