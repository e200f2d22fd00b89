"""TLS for signalling: contexts from the operator's files, and the names in a client's certificate.

What does not live here: who a name admits (``admission``).
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callvault.errors import OperatorError


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """What we show, and whom we believe."""

    certificate: Path
    """PEM, the whole chain."""
    key: Path
    authorities: Path | None = None
    """PEM; None: clients are asked for no certificate."""

    def server_context(self) -> ssl.SSLContext:
        """For connections that clients open.  A certificate is asked for and not required: trunks may prove otherwise.

        Raises:
            OperatorError: a file cannot be read, or does not fit the others.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._load(context)
        if self.authorities is not None:
            context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def client_context(self) -> ssl.SSLContext:
        """For connections that we open, to hang up on a client whose own one is gone.

        Its name is not checked, since what we have of it is an address; its authority is, where authorities are known.

        Raises:
            OperatorError: a file cannot be read, or does not fit the others.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        self._load(context)
        if self.authorities is None:
            context.verify_mode = ssl.CERT_NONE
        return context

    def _load(self, context: ssl.SSLContext) -> None:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.certificate, self.key)
            if self.authorities is not None:
                context.load_verify_locations(self.authorities)
        except OSError as error:  # ssl.SSLError is one
            raise OperatorError(
                f"The certificate {self.certificate} with the key {self.key} cannot be used: {error}."
            ) from error


def certificate_names(certificate: dict[str, Any] | None) -> tuple[str, ...]:
    """The names that a verified certificate proves: its DNS and URI names; its common name where it has none."""
    if not certificate:
        return ()
    names = tuple(name for kind, name in certificate.get("subjectAltName", ()) if kind in {"DNS", "URI"})
    common = tuple(value for part in certificate.get("subject", ()) for key, value in part if key == "commonName")
    return names or common
