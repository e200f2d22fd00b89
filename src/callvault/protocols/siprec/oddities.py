"""What clients do otherwise than they should, and what an operator is told of it: one code and one sentence each.

The codes are stable, since programs may look for them.  What does not live here: finding them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SENTENCES: Mapping[str, str] = {
    # The session description
    "label-missing": "Media line {line} has no label, so its stream is only known by its place.",
    "label-twice": "The SDP has the label {label} on more than one media line; the first one counts.",
    "line-refused": "Media line {line} is not recorded: {why}.",
    "line-receives": "Media line {line} is offered as recvonly, so nothing will come on it.",
    "held-by-address": "Media line {line} is held by the address 0.0.0.0 and not by its direction (RFC 3264).",
    "address-family": "Media line {line} comes from IPv{theirs}, and the client was told an address of IPv{ours}.",
    "version-unchanged": "The SDP changed, and the version in its o= line did not (RFC 3264 section 8).",
    "version-jumped": "The version in the SDP's o= line went from {before} to {now}; it must rise by one (RFC 3264).",
    "lines-removed": "The new SDP has {now} media lines and the one before had {before}; lines must not be taken away.",
    "description-missing": "The INVITE has no SDP; we made the offer, and the client's answer comes with its ACK.",
    "answer-missing": "Our offer was acknowledged without an SDP; what comes is recorded as it was offered.",
    "answer-unreadable": "The SDP in the ACK cannot be read, and what comes is recorded as it was offered: {why}",
    # The metadata
    "metadata-missing": "The INVITE has no recording metadata; who is in the call is taken from its header fields.",
    "metadata-unreadable": "The recording metadata cannot be read, and the call is recorded without: {why}",
    "metadata-mended": "The recording metadata is not well-formed XML, and had to be mended to be read.",
    "metadata-namespace": "The recording metadata is in the namespace {namespace!r}; RFC 7865 has {right!r}.",
    "siprec-not-required": "The INVITE has recording metadata and no 'Require: siprec' (RFC 7866 section 8.1.1).",
    "participant-without-id": "The metadata has a participant without an id; the address stands for it.",
    "stream-without-id": "The metadata's streams have no ids of their own; they are taken in their order.",
    "association-unknown": "The metadata says what {person!r} sends, and names no participant of that id.",
    "voices-untold": "The metadata does not say which participant sends which stream.",
    # Both together
    "label-unknown": "The metadata names the label {label}, the SDP has only {labels}.",
    "label-undescribed": "The SDP has the label {label}, of which the metadata says nothing.",
    "stream-without-label": "The metadata has a stream without a label.",
    "voices-crossed": "The metadata gives media line {line} to {said}; its cname in the SDP is {cname!r}.",
}
"""Every code with its sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Oddity:
    """One thing that was odd."""

    code: str
    sentence: str


def odd(code: str, **words: object) -> Oddity:
    """The oddity of this code, with the words that its sentence asks for."""
    return Oddity(code=code, sentence=SENTENCES[code].format_map(words))


def listed(labels: Iterable[str]) -> str:
    """``1``, ``1 and 2``, ``1, 2 and 3``; ``none`` of nothing."""
    *before, last = [*labels] or ["none"]
    return f"{', '.join(before)} and {last}" if before else last
