"""Metadata documents read (RFC 7865), in the RFC's spelling and in those of its drafts.

All three namespaces and any prefix serve, or none; ids are taken from ``stream_id`` as from ``id``; what the RFC keeps
in associations is also taken from inside of participants; times may lack a zone, which is then UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from callvault.errors import ProtocolError
from callvault.protocols.siprec import xml
from callvault.protocols.siprec.extensions import extensions_of
from callvault.protocols.siprec.metadata import Document, Link, Mode, Person, Presence, Session, Stream
from callvault.protocols.siprec.xml import Element, attribute, child_text, children

ROOTS = frozenset({"recording", "recording_metadata"})
MOST = 500
"""Elements of one kind."""

_KNOWN = {
    "session": {"sipsessionid", "group-ref", "start-time", "stop-time", "reason", "associate-time"},
    "participant": {"nameid", "aor", "name", "send", "recv", "associate-time", "disassociate-time"},
    "stream": {"label", "mode", "associate-time", "disassociate-time", "start-time", "end-time"},
    "group": {"associate-time", "disassociate-time", "initiator"},
}
_NOT_EXTENDING = frozenset(
    {
        "datamode", "requestor", "type", "recording", "session", "participant", "stream", "group",
        "sessionrecordingassoc", "participantsessionassoc", "participantstreamassoc",
    }
)  # fmt: skip


def read_document(data: bytes) -> Document:
    """Read a document.

    Raises:
        ProtocolError: it is no recording metadata.
    """
    root, mended = xml.parse(data)
    if root.local not in ROOTS:
        raise ProtocolError("The metadata must be one element named recording (RFC 7865).", hint=400)
    people = _all(root, "participant")
    return Document(
        mode=Mode.PARTIAL if child_text(root, "datamode").lower() == Mode.PARTIAL else Mode.COMPLETE,
        namespace=root.namespace,
        mended=mended,
        sessions=tuple(_session(each) for each in _all(root, "session")),
        people=tuple(_person(each) for each in people),
        nameless=any(not attribute(each, "participant_id", "id") for each in people),
        streams=tuple(_stream(each) for each in _all(root, "stream")),
        presences=(
            *(each for person in people for each in _presence_within(person)),
            *(_presence(each) for each in _all(root, "participantsessionassoc")),
        ),
        links=(
            *(each for person in people for each in _link_within(person)),
            *(_link(each) for each in _all(root, "participantstreamassoc")),
        ),
        extensions=extensions_of(_foreign(root)),
    )


def _all(root: Element, name: str) -> list[Element]:
    found = list(children(root, name))
    if len(found) > MOST:
        raise ProtocolError(f"The metadata must not have more than {MOST} elements named {name}.", hint=400)
    return found


def _session(element: Element) -> Session:
    said = (each.text for each in children(element, "sipsessionid"))
    return Session(
        id=attribute(element, "session_id", "id"),
        sip_session_ids=tuple(each for each in said if each),
        group=child_text(element, "group-ref") or attribute(element, "group_id", "group") or None,
        began_at=_time(child_text(element, "start-time", "associate-time")),
        ended_at=_time(child_text(element, "stop-time")),
        reason=child_text(element, "reason") or None,
        extensions=extensions_of(_unknown(element)),
    )


def _person(element: Element) -> Person:
    ids = list(children(element, "nameid"))
    names = [child_text(each, "name") for each in ids] + [child_text(element, "name")]
    return Person(
        id=_person_id(element),
        addresses=_addresses(element),
        name=next((each for each in names if each), None),
        extensions=extensions_of(_unknown(element)),
    )


def _person_id(element: Element) -> str:
    """Without an id, the address has to do."""
    return attribute(element, "participant_id", "id") or next(iter(_addresses(element)), "")


def _addresses(element: Element) -> tuple[str, ...]:
    ids = list(children(element, "nameid"))
    found = [attribute(each, "aor") or child_text(each, "aor") for each in ids]
    found += [each.text for each in children(element, "aor")]
    return tuple(dict.fromkeys(each for each in found if each))


def _stream(element: Element) -> Stream:
    return Stream(
        id=attribute(element, "stream_id", "id"),
        label=child_text(element, "label") or attribute(element, "label") or None,
        session=attribute(element, "session_id", "session") or None,
    )


def _presence(element: Element) -> Presence:
    return Presence(
        person=attribute(element, "participant_id", "participant", "id"),
        left_at=_end(element),
    )


def _presence_within(person: Element) -> Iterator[Presence]:
    """The drafts have the times in the participant."""
    if next(children(person, "associate-time", "disassociate-time"), None) is not None:
        yield Presence(
            person=_person_id(person),
            left_at=_end(person),
        )


def _link(element: Element) -> Link:
    return Link(
        person=attribute(element, "participant_id", "participant", "id"),
        sends=_streams(element, "send"),
        receives=_streams(element, "recv"),
        ended=_end(element) is not None,
    )


def _link_within(person: Element) -> Iterator[Link]:
    sends, receives = _streams(person, "send"), _streams(person, "recv")
    if sends or receives:
        yield Link(person=_person_id(person), sends=sends, receives=receives)


def _streams(element: Element, name: str) -> tuple[str, ...]:
    """Their ids, as text, in an attribute, or in an element of their own (BroadWorks)."""
    found = (
        each.text or child_text(each, "id", "stream_id") or attribute(each, "id", "stream_id")
        for each in children(element, name)
    )
    return tuple(dict.fromkeys(each for each in found if each))


def _end(element: Element) -> datetime | None:
    """An end whose time cannot be read is an end all the same."""
    said = child_text(element, "disassociate-time")
    return (_time(said) or datetime.min.replace(tzinfo=UTC)) if said else None


def _time(said: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(said)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _unknown(element: Element) -> Iterator[Element]:
    known = _KNOWN[element.local]
    return (child for child in children(element) if child.local not in known)


def _foreign(root: Element) -> Iterator[Element]:
    """What stands under the root, or in a group, and has no place in the RFC."""
    for child in children(root):
        if child.local == "group":
            yield from _unknown(child)
        elif child.local not in _NOT_EXTENDING:
            yield child
