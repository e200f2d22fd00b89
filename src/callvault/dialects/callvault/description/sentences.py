"""A sentence on every field, for readers of the description."""

from __future__ import annotations

from collections.abc import Iterator

from callvault.errors import CallvaultError

PARTY = {
    "number": "As the network gave it: E.164 with its plus, a bare extension, or a SIP URI.",
    "name": "The display name.",
    "kind": "`pstn`, `sip`, ... where the source said so.",
    "identity": "What the party is known by, where that is not the number.",
    "country": "ISO 3166-1 alpha-2, told or derived from the number.",
    "anonymous": "Whether the party withheld its number.",
    "contact_id": "A contact's id in the system that recorded the call.",
    "contact_key": "By which kind of address that contact is known there.",
    "contact_value": "And by which address.",
}

STORED_MEDIA = {
    "store": "The store's name in the settings.",
    "key": "The object's key in that store.",
    "size_bytes": "Length in bytes.",
    "sha256": "SHA-256 of the bytes, hex.",
    "format": "The container.",
    "codec": "`pcm_s16le`, `pcm_mulaw`, `gsm_ms`, `mp3`, `opus`, ...",
    "repaired": "What was wrong with the container, where something was.",
    "url": "Where they lie in a store of the account's own; never signed.",
    "trouble": "Why they are not in the store that the account chose for them, where they are not.",
    "sealed": "How they were encrypted with the account's own key; size and hash are then of what is encrypted.",
    "sample_rate": "Samples a second in one channel.",
    "samples": "Samples in one channel.",
}

SEALED_MEDIA = {
    "key_id": "The account's public key.",
    "wrapped_key": "The content key (AES-256) under that public key (RSAES-OAEP, SHA-256), in base64.",
    "forms": "The renditions that were made before they were encrypted; no other can be had.",
}

SEALED_FORM = {
    "format": "The container.",
    "channels": "1 or 2.",
    "start": "Where it begins in the object.",
    "size_bytes": "Length in bytes; the last 16 are the tag of AES-256-GCM.",
    "iv": "12 bytes in base64.",
}

TRANSCRIPT = {
    "text": "The words.",
    "confidence": "0 to 1.",
    "speaker": "From 0, where speakers were told apart.",
}

TRANSCRIPTION = {
    "id": "Its id.",
    "status": "How far it has come.",
    "created_at": "When it was asked for.",
    "updated_at": "When it last changed.",
    "completed_at": "When it was done.",
    "locale": "BCP 47.",
    "transcripts": "One a channel, in the order of the channels.",
}

RECORDING = {
    "id": "UUID version 7, carrying the start.",
    "account_id": "Whose it is.",
    "user_id": "The user within the account who owns it.",
    "call_id": "The recorded leg.",
    "parent_call_id": "The leg that caused this one by a transfer.",
    "call_session_id": "All legs of one conversation share it.",
    "conference_id": "The conference.",
    "conference_name": "And its name.",
    "sip_call_id": "The leg's Call-ID header (RFC 3261 section 20.8).",
    "connection_id": "The trunk, channel or connection, as the source names it.",
    "application_id": "The application that handled the call, as the source names it.",
    "source": "What was recorded.",
    "origin": "What started the recording.",
    "direction": "Which way the recorded leg went, seen from the account.",
    "status": "Where it is in its life.",
    "media_state": "What there is to hear: `whole`; `partial`, with pieces missing; or why there is nothing.",
    "caller": "The calling side.",
    "callee": "The called side.",
    "transfer_caller_id": "The number that a transfer showed.",
    "transfer_to": "Where a transfer went.",
    "channels": "1 or 2.",
    "format": "What it was recorded as.",
    "duration_ms": "Of the audio; pauses are not in it.",
    "media": "The original bytes.",
    "started_at": "When it began.",
    "ended_at": "When it ended.",
    "created_at": "When the entry was made in the system that recorded it.",
    "updated_at": "When the entry last changed.",
    "taken_in_at": "When this archive took it in.",
    "deleted_at": "When it was deleted.",
    "label": "A name of the user's own.",
    "price": "A decimal, negative for a cost.",
    "price_unit": "ISO 4217.",
    "error": "What went wrong with it.",
    "notes": "What is worth telling about its intake.",
    "transcription": "What was said.",
    "foreign": "Ids that vendors gave it: dialect, then kind, then id. It answers to them there.",
    "extras": "What a dialect says and the core has no word for, by dialect.",
    "revision": "Counts the changes.",
}

ACCOUNT = {
    "id": "The account's id.",
    "serial": "Its number, for dialects whose accounts are numbers.",
    "name": "Its name.",
    "created_at": "When it was opened.",
    "settings": "Its settings.",
}


def _codes(family: type[CallvaultError]) -> Iterator[str]:
    if family.__module__ == CallvaultError.__module__:  # what a stand-in raises for a test is no code of ours
        yield family.code
    for child in family.__subclasses__():
        yield from _codes(child)


CODES = sorted({code for child in CallvaultError.__subclasses__() for code in _codes(child)} - {"operator-error"})
"""Every ``code`` that a problem can carry."""
