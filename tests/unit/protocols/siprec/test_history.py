"""Documents, one after the other, tell who is in the call and whose stream is whose."""

from __future__ import annotations

from callvault.protocols.siprec.history import History
from callvault.protocols.siprec.reading import read_document
from callvault.protocols.siprec.voices import Line, voices_of
from tests.unit.protocols.siprec.documents import CALL, LINES, after, comes, document, leaves, person, sends, stream


def heard(history: History) -> dict[str, tuple[int, ...]]:
    return {each.id: each.sends for each in voices_of(history, LINES).participants}


def test_a_complete_document_says_everything() -> None:
    assert heard(after(CALL)) == {"ann": (0,), "bob": (1,)}
    assert heard(after(CALL, document(person("cyd"), stream("z", "2"), sends("cyd", "z")))) == {"cyd": (1,)}


def test_a_partial_document_changes_what_it_names() -> None:
    moved = document(person("cyd"), sends("cyd", "y"), leaves("bob"), mode="partial")
    assert heard(after(CALL, moved)) == {"ann": (0,), "cyd": (1,)}


def test_somebody_may_leave_and_come_back() -> None:
    gone = document(leaves("bob"), mode="partial")
    assert heard(after(CALL, gone)) == {"ann": (0,)}
    assert heard(after(CALL, gone, document(comes("bob"), mode="partial"))) == {"ann": (0,), "bob": (1,)}


def test_a_name_may_come_later_and_keeps_what_was_known() -> None:
    named = document(
        '<participant participant_id="bob"><nameID><name>Bob</name></nameID></participant>', mode="partial"
    )
    bob = after(CALL, named).people["bob"]
    assert (bob.name, bob.addresses) == ("Bob", ("bob",))


def test_a_stream_may_be_passed_on_or_taken_away() -> None:
    swapped = document(sends("ann", "y"), sends("bob", "x"), mode="partial")
    assert heard(after(CALL, swapped)) == {"ann": (1,), "bob": (0,)}
    end = "<disassociate-time>2026-03-01T09:05:00Z</disassociate-time>"
    assert heard(after(CALL, document(sends("bob", "y", end=end), mode="partial"))) == {"ann": (0,), "bob": ()}


def test_a_conference_grows_and_shrinks() -> None:
    third = document(person("cyd"), stream("z", "3"), sends("cyd", "z"), mode="partial")
    lines = (*LINES, Line(label="3"))
    grown = after(CALL, third)
    assert [(each.id, each.sends) for each in voices_of(grown, lines).participants] == [
        ("ann", (0,)),
        ("bob", (1,)),
        ("cyd", (2,)),
    ]
    shrunk = grown.apply(read_document(document(leaves("ann"), mode="partial")))
    assert [each.id for each in voices_of(shrunk, lines).participants] == ["bob", "cyd"]


def test_the_session_keeps_its_ids() -> None:
    first = document('<session session_id="s"><sipSessionID>abc</sipSessionID></session>')
    later = document('<session session_id="s"><start-time>2026-03-01T09:00:00Z</start-time></session>', mode="partial")
    (session,) = after(first, later).sessions
    assert session.sip_session_ids == ("abc",)
    assert session.began_at is not None
