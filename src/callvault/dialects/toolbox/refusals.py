"""The headers that a refusal carries, whatever the vendor's body says (RFC 9110)."""

from __future__ import annotations

import math

from callvault.errors import CallvaultError, NotOffered, TooMany


def refusal_headers(error: CallvaultError, status: int, challenge: str) -> tuple[tuple[str, str], ...]:
    """A challenge with 401 (section 15.5.2), Retry-After with a limit, Allow where the verb is wrong.

    ``challenge``: the value of WWW-Authenticate.
    """
    if status == 401:
        return (("www-authenticate", challenge),)
    if isinstance(error, TooMany):
        return (("retry-after", str(max(1, math.ceil(error.after_s)))),)
    if isinstance(error, NotOffered) and error.allowed:
        return (("allow", ", ".join(error.allowed)),)
    return ()
