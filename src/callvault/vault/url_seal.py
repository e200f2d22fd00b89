"""URLs with a name and a password in them, as they are kept: who has rows or files, and not the master key, reads none.

What stands before the ``@`` is replaced by its sealed form: ``https://sealed.<base64url>@keep.example.org/calls``.
So such a URL goes wherever one without credentials goes, in rows, policies, orders and journals, and
``without_credentials`` takes either off.  Path and query stay legible.  One that is in clear, out of an older catalogue
or spool, counts as what it is.  What a dialect keeps of its own in an account's settings is sealed as a whole, since
devices have passwords under any name.  What does not live here: the key (``secrets``), what has been kept in clear
(``clear_rows``).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import orjson

from callvault.model.destination import without_credentials
from callvault.model.policy import SETTING as POLICY
from callvault.model.wish import Wish
from callvault.vault.secrets import Secrets

MARK = "sealed."
WHOLE = "sealed"
"""The one key of what stands for an object that is sealed as a whole."""
NONCE = 12
_LEAST = NONCE + 16
"""Bytes: the nonce and the tag, around nothing."""
Document = Mapping[str, Any]


class UrlSeal:
    """Closes and opens them."""

    def __init__(self, held: Secrets, *, entropy: Callable[[int], bytes]) -> None:
        self._secrets = held
        self._entropy = entropy

    def close(self, url: str) -> str:
        """The URL as it is kept, whatever a caller has written before its ``@``."""
        parts = urlsplit(url)
        said, at, host = parts.netloc.rpartition("@")
        if not at:
            return url
        return parts._replace(netloc=f"{MARK}{self._sealed(said)}@{host}").geturl()

    def keep(self, url: str) -> str:
        """The same of a URL that lay here already, and may have been closed."""
        return url if is_closed(url) else self.close(url)

    def open(self, url: str) -> str:
        """The URL as it was given; one in clear is that already.

        Raises:
            OperatorError: it was closed under another master key.
        """
        if not is_closed(url):
            return url
        parts = urlsplit(url)
        said, _, host = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{self._opened(said.removeprefix(MARK))}@{host}").geturl()

    def wish(self, wish: Wish) -> Wish:
        """A caller's wish as it is kept."""
        return wish if wish.push is None else replace(wish, push=replace(wish.push, url=self.close(wish.push.url)))

    def close_settings(self, settings: Document) -> dict[str, Any]:
        """Settings of an account or a trunk as they are kept, from what ``open_settings`` gave."""
        return self._settings(settings, self.close)

    def keep_settings(self, settings: Document) -> dict[str, Any]:
        """The same of settings that lay here already; what is closed in them stays as it is."""
        return self._settings(settings, self.keep)

    def open_settings(self, settings: Document) -> dict[str, Any]:
        """Settings as they were given.

        Raises:
            OperatorError: something was closed under another master key.
        """
        opened = {name: self._opened_object(name, value) for name, value in settings.items()}
        return with_pushes(opened, self.open)

    def _settings(self, settings: Document, turn: Callable[[str], str]) -> dict[str, Any]:
        closed = {name: self._closed_object(name, value) for name, value in settings.items()}
        return with_pushes(closed, turn)

    def _closed_object(self, name: str, value: Any) -> Any:  # noqa: ANN401 - a JSON value
        if name == POLICY or not isinstance(value, Mapping) or not value or is_whole(value):
            return value
        return {WHOLE: self._sealed(orjson.dumps(value).decode())}

    def _opened_object(self, name: str, value: Any) -> Any:  # noqa: ANN401 - a JSON value
        if name == POLICY or not is_whole(value):
            return value
        return orjson.loads(self._opened(value[WHOLE]))

    def _sealed(self, text: str) -> str:
        sealed = self._secrets.seal(text, self._entropy(NONCE))
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def _opened(self, text: str) -> str:
        return self._secrets.unseal(_bytes_of(text) or b"")


def is_closed(url: str) -> bool:
    """Whether a URL from a row or a journal is in its sealed form."""
    said, at, _ = urlsplit(url).netloc.rpartition("@")
    return bool(at) and said.startswith(MARK) and _bytes_of(said.removeprefix(MARK)) is not None


def is_whole(value: Any) -> bool:  # noqa: ANN401 - a JSON value
    """Whether it stands for an object that is sealed as a whole."""
    return isinstance(value, Mapping) and list(value) == [WHOLE] and isinstance(value[WHOLE], str)


def with_pushes(settings: Document, turn: Callable[[str], str]) -> dict[str, Any]:
    """Settings with every URL, to which a rule of their policy pushes, turned into another."""
    policy = settings.get(POLICY)
    rules = policy.get("rules") if isinstance(policy, Mapping) else None
    if not isinstance(rules, list):
        return dict(settings)
    return {**settings, POLICY: {**policy, "rules": [_turned(rule, turn) for rule in rules]}}  # type: ignore[dict-item]


def pushed_to(settings: Document) -> dict[str, str]:
    """The URLs with credentials to which the policy's rules push, each under what it is without them."""
    found: dict[str, str] = {}

    def note(url: str) -> str:
        plain = without_credentials(url)
        if plain != url:
            found[plain] = url
        return url

    with_pushes(settings, note)
    return found


def shown(settings: Document) -> dict[str, Any]:
    """Settings for people: URLs without credentials, and of what a dialect keeps only that it is there."""
    plain = with_pushes(settings, without_credentials)
    return {
        name: {WHOLE: True} if isinstance(value, Mapping) and name != POLICY else value for name, value in plain.items()
    }


def _turned(rule: Any, turn: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON values
    try:
        url = rule["wish"]["push"]["url"]
        turned = turn(url)
    except (KeyError, TypeError, ValueError):
        return rule  # it pushes nowhere
    return {**rule, "wish": {**rule["wish"], "push": {**rule["wish"]["push"], "url": turned}}}


def _bytes_of(text: str) -> bytes | None:
    """None where it is not the base64 of something sealed."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if len(data) >= _LEAST else None
