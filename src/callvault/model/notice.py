"""One notice as a request, the rules under which it is sent, and what came of it: what dialects and the courier share.

What does not live here: what a notice says (``dialects``), and the sending (``webhooks``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from callvault.model.hook import Failure


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One request to a customer's server, signed, ready to go out as it stands.

    The courier adds ``Host``, ``Content-Length``, ``User-Agent`` where there is none, and the hook's Basic credentials.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of an attempt."""

    status: int | None = None
    """The answer's; None: nothing came back."""
    failure: Failure | None = None
    """Why nothing came back."""
    retry_after_s: float | None = None
    """How long the answer asked to wait."""


def taken(outcome: Outcome) -> bool:
    """Any 2xx: what most vendors count as success."""
    return outcome.status is not None and 200 <= outcome.status < 300


def passing(outcome: Outcome) -> bool:
    """What may be over soon: no answer, 408, 429, and 5xx."""
    if outcome.status is None:
        return outcome.failure in {Failure.UNREACHABLE, Failure.SILENT}
    return outcome.status in {408, 429} or outcome.status >= 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """A vendor's rules of delivery."""

    timeout_s: float
    """For the whole attempt, redirects included."""
    connect_s: float | None = None
    """For each connection; None: as long as the whole."""
    read_s: float | None = None
    """For each wait for bytes."""
    pauses_s: tuple[float, ...]
    """The wait before each further attempt at one URL; when they are used up that URL is given up."""
    jitter: float = 0.0
    """The part of a pause by which it may be longer, 0 to 1: many notices that failed together come back apart."""
    success: Callable[[Outcome], bool] = taken
    again: Callable[[Outcome], bool] = passing
    """Whether a failed attempt is worth another at the same URL."""
    redirects: int = 0
    """How many are followed, with verb and body as they were."""
    heeds_retry_after: bool = False
    gone_ends: bool = False
    """Whether 410 means that nothing shall go there any more: the hook is removed."""
