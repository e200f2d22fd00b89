"""Short metadata documents, piece by piece."""

from __future__ import annotations

from callvault.protocols.siprec.history import History
from callvault.protocols.siprec.metadata import NAMESPACE
from callvault.protocols.siprec.reading import read_document
from callvault.protocols.siprec.voices import Line


def document(*inner: str, mode: str = "complete", xmlns: str = NAMESPACE) -> bytes:
    return f'<recording xmlns="{xmlns}"><datamode>{mode}</datamode>{"".join(inner)}</recording>'.encode()


LINES = (Line(label="1"), Line(label="2"))


def person(name: str, address: str | None = None) -> str:
    return f'<participant participant_id="{name}"><nameID aor="{address or name}"/></participant>'


def stream(name: str, label: str) -> str:
    return f'<stream stream_id="{name}" session_id="s"><label>{label}</label></stream>'


def sends(name: str, *streams: str, end: str = "") -> str:
    inner = "".join(f"<send>{each}</send>" for each in streams)
    return f'<participantstreamassoc participant_id="{name}">{inner}{end}</participantstreamassoc>'


def leaves(name: str) -> str:
    end = "<disassociate-time>2026-03-01T09:05:00Z</disassociate-time>"
    return f'<participantsessionassoc participant_id="{name}" session_id="s">{end}</participantsessionassoc>'


def comes(name: str) -> str:
    began = "<associate-time>2026-03-01T09:06:00Z</associate-time>"
    return f'<participantsessionassoc participant_id="{name}" session_id="s">{began}</participantsessionassoc>'


CALL = document(person("ann"), person("bob"), stream("x", "1"), stream("y", "2"), sends("ann", "x"), sends("bob", "y"))


def after(*documents: bytes) -> History:
    history = History()
    for each in documents:
        history = history.apply(read_document(each))
    return history
