"""Every dialect's folder holds the same files, so that whoever knows one knows all."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

import callvault.dialects
from callvault.dialects import registry

DIALECTS = Path(callvault.dialects.__file__).parent

FILES = frozenset(
    {
        "NOTES.md",
        "__init__.py",
        "auth.py",
        "errors.py",
        "examples.py",
        "hooks.py",
        "replies.py",
        "requests.py",
        "routes.py",
        "steering.py",
        "words.py",
    }
)
"""What a dialect is made of.  What each holds: docs/adding-a-dialect.md."""

SHARED = frozenset({"toolbox"})
"""Folders beside the dialects that are none."""

SPLIT: dict[tuple[str, str], str] = {
    ("bandwidth", "bxml.py"): "The one thing that comes as XML.",
    ("bandwidth", "transcriptions.py"): "The one request that has a body, with rules of its own.",
    ("bird", "captions.py"): "A transcription's words are files in four forms.",
    ("bird", "transcriptions.py"): "Another noun, with a body, pages and shapes of its own.",
    ("kazoo", "automatic.py"): "Settings of recording, which are a policy's rules in other words.",
    ("kazoo", "endpoints.py"): "Other nouns: accounts, users and devices, with paths and changes of their own.",
    ("kazoo", "documents.py"): "The document is said by four replies, and judged by the filters.",
    ("kazoo", "envelopes.py"): "Every request, reply and refusal is wrapped in it.",
    ("kazoo", "filters.py"): "A small language of its own: indexes where there are any, a judgement for the rest.",
    ("kazoo", "listings.py"): "Window, page and order matter to a list's request and to its reply alike.",
    ("kazoo", "metadata.py"): "The one change that an app may make, with a refusal of its own.",
    ("kazoo", "negotiation.py"): "Whether a document, audio or a table is wanted, to request and reply alike.",
    ("kazoo", "origins.py"): "Its web client is served from elsewhere, so every reply may carry these headers.",
    ("kazoo", "parameters.py"): "The page's table of recording parameters, for requests and for settings.",
    ("kazoo", "parcels.py"): "Where finished files go: the sending end of the push, in a form of its own.",
    ("kazoo", "pushes.py"): "The receiving end of Kazoo's storage: another API, that of an archive.",
    ("kazoo", "start_keys.py"): "Page tokens are Erlang terms.",
    ("kazoo", "tables.py"): "A list can be had as CSV.",
    ("signalwire", "encryption.py"): "Documents and callbacks tell it alike.",
    ("signalwire", "public_keys.py"): "A resource of another API of Twilio's, with paths and pages of its own.",
    ("signalwire", "pages.py"): "The request asks for a page, and the reply links to its neighbours.",
    ("signalwire", "paths.py"): "Base, vendor and form are read off the path by requests, replies and refusals.",
    ("signalwire", "transcriptions.py"): "Another noun, with a list, pages and shapes of its own.",
    ("signalwire", "xml.py"): "Twilio answers XML where the path does not say otherwise.",
    ("telnyx", "transcriptions.py"): "Another noun, with filters, pages and shapes of its own.",
    ("telnyx", "callbacks.py"): "TeXML's callbacks, which one request asks for, are forms with fields of their own.",
    ("telnyx", "parameters.py"): "Commands have a code for each parameter that is wrong.",
    ("telnyx", "storage.py"): "Another noun, with a body of its own.",
    ("telnyx", "texml.py"): "Another API, Twilio's, in this vendor's words: parameters and shapes of its own.",
    ("telnyx", "texml_steering.py"): "The same commands in the words of that other API.",
    ("callvault", "asked.py"): "How a table of parameters reads a request, whichever parameters they are.",
    ("callvault", "bodies.py"): "How a table of fields reads a JSON body, whichever fields they are.",
    ("callvault", "captures.py"): "Another noun, which has two documents and no vendor's words.",
    ("callvault", "cards.py"): "The card of an upload comes in a header, in one of two forms.",
    ("callvault", "description"): "OpenAPI: what no other dialect says of itself.",
    ("callvault", "documents.py"): "They are replies, and the description's examples.",
    ("callvault", "kinds.py"): "A kind of value has two faces, its reading and its schema, which must not part.",
    ("callvault", "links.py"): "All vendors' signed links are followed here, and ours are handed out.",
    ("callvault", "live_documents.py"): "Live calls, as replies and the command line say them.",
    ("callvault", "live_operations.py"): "The table of operations, as far as it is about live calls.",
    ("callvault", "live_parameters.py"): "Their parameters, read by requests and by the description.",
    ("callvault", "listening.py"): "A live call's sound has no recording, no length and no ranges.",
    ("callvault", "operations.py"): "One table makes the routes, the reading of requests and the description.",
    ("callvault", "new_hooks.py"): "A field of a new hook has two faces, its reading and its schema.",
    ("callvault", "notice_documents.py"): "Hooks and deliveries, as replies and the command line say them.",
    ("callvault", "notice_operations.py"): "The table of operations, as far as it is about hooks and deliveries.",
    ("callvault", "notice_parameters.py"): "Their parameters, read by requests and by the description.",
    ("callvault", "operation.py"): "What a line of that table is.",
    ("callvault", "policies.py"): "Another noun, with a body and a document of its own.",
    ("callvault", "subscriptions.py"): "Other nouns: hooks, and what went to them.",
    ("callvault", "pages.py"): "A token that knows its order, written by replies and read by requests.",
    ("callvault", "parameters.py"): "One table of parameters for requests and the description.",
    ("callvault", "wishes.py"): "A wish stands in two bodies, and its fields have two faces.",
}
"""Further files: dialect and file, with the reason why one noun of ``requests`` or ``replies`` needs its own."""


def differences(folder: Path, allowed: Collection[str] = ()) -> list[str]:
    """What a dialect's folder lacks or has too much."""
    there = {path.name for path in folder.iterdir() if path.name != "__pycache__"}
    lacking = [f"{folder.name} lacks {name}" for name in sorted(FILES - there)]
    extra = [f"{folder.name} has {name} besides" for name in sorted(there - FILES - set(allowed))]
    return lacking + extra


def folders() -> list[Path]:
    return sorted(path for path in DIALECTS.iterdir() if (path / "__init__.py").exists() and path.name not in SHARED)


def test_the_folders_are_the_registered_dialects() -> None:
    assert [folder.name for folder in folders()] == sorted(registry.NAMES)
    assert [dialect.name for dialect in registry.load()] == list(registry.NAMES)


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_a_dialect_is_always_the_same_files(folder: Path) -> None:
    assert differences(folder, [file for dialect, file in SPLIT if dialect == folder.name]) == []


def test_every_split_is_there_and_has_a_reason() -> None:
    for (dialect, file), reason in SPLIT.items():
        assert (DIALECTS / dialect / file).exists()
        assert reason.endswith("."), f"{dialect}/{file}: the reason is a sentence"


def test_a_folder_that_differs_is_seen(tmp_path: Path) -> None:
    acme = tmp_path / "acme"
    acme.mkdir()
    for name in FILES - {"words.py"} | {"helpers.py", "calls.py"}:
        (acme / name).touch()
    assert differences(acme, ["calls.py"]) == ["acme lacks words.py", "acme has helpers.py besides"]
