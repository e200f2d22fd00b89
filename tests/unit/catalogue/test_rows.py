"""A recording that is put together from a row is like one that was made in the ordinary way."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest

from callvault.catalogue import rows
from callvault.model.party import NOBODY, Party
from callvault.model.recording import Recording, StoredMedia
from tests.catalogues import an_account, everything_said

ALICE = an_account("alice")


def through_a_row(entry: Recording) -> Recording:
    said = None if entry.transcription is None else rows.said_row(entry.transcription)
    return rows.recording_of((*rows.recording_row(entry), said), entry.account_id)


@pytest.mark.parametrize("entry", [everything_said(ALICE), replace(everything_said(ALICE), caller=NOBODY, media=None)])
def test_nothing_tells_them_apart(entry: Recording) -> None:
    made = through_a_row(entry)
    assert made == entry
    assert type(made) is Recording
    assert type(made.caller) is Party
    assert repr(made) == repr(entry)
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == entry
    assert replace(made, label="x") == replace(entry, label="x")


@pytest.mark.parametrize(
    ("part", "kind"),
    [(lambda made: made, Recording), (lambda made: made.caller, Party), (lambda made: made.media, StoredMedia)],
)
def test_every_field_is_there_and_frozen(part: Any, kind: type) -> None:
    thing = part(through_a_row(everything_said(ALICE)))
    assert type(thing) is kind
    for field in fields(kind):
        getattr(thing, field.name)
        with pytest.raises(FrozenInstanceError):
            setattr(thing, field.name, None)


def test_the_columns_are_what_a_row_has() -> None:
    assert len(rows.recording_row(everything_said(ALICE))) == len(rows.COLUMNS) == len(set(rows.COLUMNS))
    row = dict(zip(rows.COLUMNS, rows.recording_row(everything_said(ALICE)), strict=True))
    entry = everything_said(ALICE)
    assert row["caller_number"] == entry.caller.number
    assert [rows.COLUMNS[place] for place in (rows.ID, rows.STATUS, rows.STARTED, rows.CREATED)] == [
        "id", "status", "started", "created",
    ]  # fmt: skip


def test_what_is_seldom_said_takes_no_room() -> None:
    plain = replace(
        everything_said(ALICE),
        caller=Party(number="+1", name="Ada", country="US", kind="pstn"),
        callee=NOBODY,
        transfer_caller_id=None,
        transfer_to=None,
        price=None,
        price_unit=None,
        error=None,
        notes=(),
        foreign={},
        extras={},
        media=None,
    )
    assert rows.recording_row(plain)[rows.COLUMNS.index("rest")] is None
