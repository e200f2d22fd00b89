"""What whoever holds the private key does with encrypted audio, after Twilio's page "Voice recording encryption"."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def new_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def pem_of(key: RSAPrivateKey) -> str:
    """The half that may be shown."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def unsealed(key: RSAPrivateKey, content: bytes, *, cek: str, iv: str) -> bytes:
    """Raises where a single bit is not as it was."""
    content_key = key.decrypt(base64.b64decode(cek), OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None))
    assert len(content_key) == 32
    return AESGCM(content_key).decrypt(base64.b64decode(iv), content, None)
