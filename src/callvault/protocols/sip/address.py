"""Addresses as From, To, Contact, Route and Record-Route carry them (RFC 3261 section 20.10).

What lives here: display name, URI and parameters, and telling apart what stands inside and outside the brackets.
What does not: which of the fields it came from.
"""

from __future__ import annotations

from dataclasses import dataclass

from callvault.errors import ProtocolError
from callvault.protocols.sip.grammar import NO_PARAMETERS, Parameters, quotation, quoted
from callvault.protocols.sip.uri import Uri


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Somebody, and how to reach them."""

    uri: str
    """As it came, without brackets."""
    display: str = ""
    """Unquoted; empty where there is none."""
    parameters: Parameters = NO_PARAMETERS
    """What stands behind the brackets."""

    @classmethod
    def parse(cls, text: str, what: str = "The address") -> Address:
        """Read one address; ``what`` names its field in the sentence of an error.

        Raises:
            ProtocolError: a quotation or a bracket is not closed, or there is no URI.
        """
        display, rest = quotation(text.strip(), what) if text.lstrip().startswith('"') else ("", text.strip())
        words, bracket, inside = rest.partition("<")
        if bracket:
            uri, closed, after = inside.partition(">")
            if not closed:
                raise ProtocolError(f"{what} has no closing bracket.", hint=400)
            display = display or words.strip()
        elif display:
            raise ProtocolError(f"{what} has a display name and no URI in brackets.", hint=400)
        else:
            # Without brackets the parameters are the field's, not the URI's (RFC 3261 section 20)
            uri, semicolon, after = rest.partition(";")
            after = semicolon + after
        if not uri.strip():
            raise ProtocolError(f"{what} has no URI.", hint=400)
        return cls(uri=uri.strip(), display=display, parameters=Parameters.parse(after))

    @property
    def tag(self) -> str | None:
        """The tag; None where there is none or an empty one."""
        return self.parameters.get("tag") or None

    def place(self) -> Uri:
        """The URI in its parts.

        Raises:
            ProtocolError: it is none.
        """
        return Uri.parse(self.uri)

    def tagged(self, tag: str) -> Address:
        """With this tag, whatever it had."""
        return Address(uri=self.uri, display=self.display, parameters=self.parameters.but("tag", tag))

    def __str__(self) -> str:
        display = f"{quoted(self.display)} " if self.display else ""
        return f"{display}<{self.uri}>{self.parameters}"
