"""What puts an event into words for the courier: the dialects, with the terms and secrets that a notice needs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from callvault import __version__
from callvault.dialects.contract import Dialect, Terms
from callvault.dialects.notices import Telling
from callvault.dialects.toolbox.signing import basic
from callvault.model.actor import Account
from callvault.model.hook import Delivery, Hook
from callvault.model.notice import Rules
from callvault.server.clock import Clock, wall_clock
from callvault.vault.notifying import Notifying
from callvault.vault.secrets import Secrets
from callvault.webhooks.courier import Spoken


class Speech:
    """All dialects' hooks, as the courier wants them."""

    def __init__(
        self,
        dialects: Iterable[Dialect],
        notifying: Notifying,
        house_secrets: Secrets,
        *,
        base_url: str,
        settings: Mapping[str, Any],
        clock: Clock = wall_clock,
    ) -> None:
        self._hooks = {dialect.name: dialect.hooks for dialect in dialects}
        self._notifying = notifying
        self._secrets = house_secrets
        self._base_url = base_url
        self._settings = settings
        self._clock = clock

    def rules(self, hook: Hook) -> Rules:
        """The vendor's rules for this hook."""
        return self._hooks[hook.dialect].rules(hook)

    async def speak(self, delivery: Delivery, hook: Hook, account: Account, url: str) -> Spoken:
        """The notice of the next attempt.

        Raises:
            Conflict: a key or an option is missing.
            OperatorError: the hook's password lies under another master key.
        """
        hooks = self._hooks[hook.dialect]
        telling = Telling(
            event=delivery.event,
            recording=delivery.recording,
            hook=hook,
            account=account,
            terms=self._terms(),
            auth_token=await self._notifying.auth_token(account.id) if hooks.wants_auth_token else None,
            sent_at=wall_clock(),
            attempt=delivery.attempts + 1,
            url=url,
        )
        authorization = None if hook.username is None else basic(hook.username, self._notifying.password(hook))
        return Spoken(notice=hooks.phrase(telling), authorization=authorization)

    def _terms(self) -> Terms:
        return Terms(
            now=self._clock(),
            base_url=self._base_url,
            link_key=self._secrets.link_key,
            cloak_key=self._secrets.cloak_key,
            notice_key=self._secrets.notice_key,
            request_id=secrets.token_hex(16),
            settings=self._settings,
            version=__version__,
        )
