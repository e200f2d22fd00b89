"""Every error that callvault raises on purpose, in one family that says whose fault it is.

What lives here: the classes, their stable ``code``, and nothing that knows HTTP or SIP; what a caller is told is a
dialect's matter.  A caller's error is answered and forgotten, a house error is logged and retried, an operator's
error stops the start.  Raise the narrowest; wrap a library's error once per package, ``raise ... from``.
"""

from __future__ import annotations

from typing import ClassVar


class CallvaultError(Exception):
    """The root.  Never raised itself.  ``str(error)`` is one plain sentence for people."""

    code: ClassVar[str] = "error"
    """A stable slug for programs; part of the public interface of our own API."""


class CallerError(CallvaultError):
    """They asked wrongly: the answer is a refusal, and nothing of ours is broken."""

    code = "caller-error"


class BadRequest(CallerError):
    """A parameter, header or body cannot be understood, or is out of its range."""

    code = "bad-request"

    def __init__(self, message: str, *, field: str | None = None, value: str | None = None) -> None:
        super().__init__(message)
        self.field = field
        """The parameter's or body key's name as the caller wrote it, where one is to blame."""
        self.value = value
        """What stood there, where it helps to be told."""


class NotAudio(BadRequest):
    """The bytes that were sent are not audio that can be kept: empty, broken off, or something else altogether."""

    code = "not-audio"


class NotAuthenticated(CallerError):
    """No credential, or one that proves nothing."""

    code = "not-authenticated"

    def __init__(self, message: str = "The credentials are missing or not known here.", *, shown: bool = False) -> None:
        super().__init__(message)
        self.shown = shown
        """Whether the caller showed a credential at all."""


class NotAllowed(CallerError):
    """The caller is known, and may not do this."""

    code = "not-allowed"


class NotFound(CallerError):
    """No such thing for this caller: also what another account's things are, since existence is private."""

    code = "not-found"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"There is no {kind} {name!r} here." if name else f"There is no such {kind} here.")
        self.kind = kind
        self.name = name


class Ended(NotFound):
    """There was such a call, and it is over; where that makes no difference it is one that is not there."""

    code = "ended"


class NotOffered(CallerError):
    """The path or the verb is not part of this API."""

    code = "not-offered"

    def __init__(self, method: str, path: str, *, allowed: tuple[str, ...] = ()) -> None:
        hint = f" It takes {', '.join(allowed)}." if allowed else ""
        super().__init__(f"{method} {path} is not offered here.{hint}")
        self.method = method
        self.path = path
        self.allowed = allowed
        """The verbs that this path takes; empty where the path itself is unknown."""


class Conflict(CallerError):
    """It cannot be done in the state that things are in."""

    code = "conflict"


class Gone(CallerError):
    """It was here and has been taken away, or the link to it has run out."""

    code = "gone"


class LinkExpired(Gone):
    """A signed link was right, and its time is over."""

    code = "link-expired"


class TooLarge(CallerError):
    """More bytes than a setting allows."""

    code = "too-large"


class TooMany(CallerError):
    """More requests than a limit allows."""

    code = "too-many"

    def __init__(self, message: str, *, after_s: float, limit: int | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s
        """Seconds until it is worth trying again."""
        self.limit = limit
        """How many requests it allows in its window, where that is known."""


class ProtocolError(CallerError):
    """Bytes from the network break the protocol that they were sent in."""

    code = "protocol-error"

    def __init__(self, message: str, *, hint: int | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        """The status that the protocol has for this, where it has answers at all: a SIP 400, 505, ..."""


class HouseError(CallvaultError):
    """We failed: it is logged, and the caller may try again."""

    code = "house-error"


class CatalogueError(HouseError):
    """The database did not do what was asked, or cannot be reached."""

    code = "catalogue-error"


class MediaError(HouseError):
    """The object store did not do what was asked, or the bytes are not what the row says."""

    code = "media-error"


class MediaRefused(MediaError):
    """The object store does not take the keys that it is shown."""

    code = "media-refused"


class AudioError(HouseError):
    """Audio that was taken in cannot be turned into what was asked for."""

    code = "audio-error"


class OperatorError(CallvaultError):
    """callvault is configured wrongly: the start stops with this sentence and exit code 2."""

    code = "operator-error"
