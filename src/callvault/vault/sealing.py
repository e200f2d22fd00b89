"""Encrypting audio for its account: every form that clients may ask for is made first, since nobody here can later.

A content key of its own for each recording (AES-256-GCM), wrapped with the account's public key (RSAES-OAEP with
SHA-256), as Twilio's page "Voice recording encryption" has it (read 2026-11).  Nothing readable touches the disk on the
way: renditions are encrypted while they are made.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from callvault.audio.render import is_identity, render
from callvault.errors import BadRequest, MediaError
from callvault.model.media import AudioFacts, MediaFormat, RenditionSpec
from callvault.model.public_key import PublicKey
from callvault.model.sealed import SealedForm, SealedMedia

FORMS = (MediaFormat.WAV, MediaFormat.MP3)
"""What is made of a recording: what every vendor's clients can ask for."""
LEAST_BITS = 2048
CONTENT_KEY_BYTES = 32
IV_BYTES = 12
PIECE = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealed:
    """A finished object."""

    media: SealedMedia
    size_bytes: int
    sha256: str


def read_public_key(pem: str, field: str) -> str:
    """The key in the one form in which it is kept.

    Raises:
        BadRequest: it is no RSA key of at least 2048 bits.
    """
    try:
        key = load_pem_public_key(pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_BITS:
        raise BadRequest(f"{field} has to be an RSA public key of at least {LEAST_BITS} bits, in PEM.", field=field)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def seal(source: Path, target: Path, facts: AudioFacts, key: PublicKey, entropy: Callable[[int], bytes]) -> Sealed:
    """Write every form of the audio in ``source`` into ``target``, encrypted.

    Raises:
        AudioError: the audio cannot be turned into one of the forms.
        MediaError: the file cannot be written.
    """
    public = load_pem_public_key(key.pem.encode())
    if not isinstance(public, RSAPublicKey):
        raise MediaError(f"The public key {key.id} is none that audio can be encrypted with.")
    content_key = entropy(CONTENT_KEY_BYTES)
    wrapped = public.encrypt(content_key, OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None))
    digest, forms, position = hashlib.sha256(), [], 0
    try:
        with target.open("xb") as file:
            for spec in _specs(facts):
                start, iv = position, entropy(IV_BYTES)
                for piece in _encrypted(_made(source, facts, spec), content_key, iv):
                    file.write(piece)
                    digest.update(piece)
                    position += len(piece)
                forms.append(
                    SealedForm(
                        format=spec.format,
                        channels=spec.channels or facts.channels,
                        start=start,
                        size_bytes=position - start,
                        iv=base64.b64encode(iv).decode(),
                    )
                )
    except OSError as error:
        raise MediaError(f"The encrypted audio cannot be written to {target.parent}: {error.strerror}.") from error
    media = SealedMedia(key_id=key.id, wrapped_key=base64.b64encode(wrapped).decode(), forms=tuple(forms))
    return Sealed(media=media, size_bytes=position, sha256=digest.hexdigest())


def _specs(facts: AudioFacts) -> Iterator[RenditionSpec]:
    """As recorded, in each format; then mixed down to one channel, where there are two."""
    for channels in (None, 1) if facts.channels > 1 else (None,):
        for form in FORMS:
            yield RenditionSpec(format=form, channels=channels)


def _made(source: Path, facts: AudioFacts, spec: RenditionSpec) -> Iterator[bytes]:
    return _read(source) if is_identity(facts, spec) else render(source, facts, spec)


def _read(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _encrypted(pieces: Iterator[bytes], content_key: bytes, iv: bytes) -> Iterator[bytes]:
    encryptor = Cipher(AES(content_key), GCM(iv)).encryptor()
    for piece in pieces:
        yield encryptor.update(piece)
    yield encryptor.finalize()
    yield encryptor.tag
