"""An account's own settings: what a dialect keeps of it, read and changed as they are at the moment.

They are sealed where they lie, as far as they can hold a password, and open to whoever may ask for them.
"""

from __future__ import annotations

from dataclasses import replace

from callvault.catalogue.store import Catalogue
from callvault.errors import NotFound
from callvault.model.actor import Account, User
from callvault.vault.own_commands import ChangeSettings, GetSettings, OwnedSettings
from callvault.vault.url_seal import UrlSeal


class OwnSettings:
    """Reads and changes them."""

    def __init__(self, catalogue: Catalogue, seal: UrlSeal) -> None:
        self._catalogue = catalogue
        self._seal = seal

    async def get(self, command: GetSettings) -> OwnedSettings:
        """The account as it is.

        Raises:
            NotFound: there is no such account, or it has no such user.
        """
        account, user = await self._found(command)
        return OwnedSettings(account=self._opened(account), user=user)

    async def change(self, command: ChangeSettings) -> OwnedSettings:
        """The account with other settings.

        Raises:
            NotFound: there is no such account, or it has no such user; and whatever ``anew`` raises.
        """
        account, user = await self._found(command)
        changed = await self._catalogue.revise_account(
            account.id, lambda kept: self._seal.close_settings(command.anew(self._seal.open_settings(kept)))
        )
        return OwnedSettings(account=self._opened(changed), user=user)

    def _opened(self, account: Account) -> Account:
        return replace(account, settings=self._seal.open_settings(account.settings))

    async def _found(self, command: GetSettings | ChangeSettings) -> tuple[Account, User | None]:
        account = await self._catalogue.account(command.account_id)
        if account is None:
            raise NotFound("account", str(command.account_id))
        if command.user_id is None:
            return account, None
        user = await self._catalogue.user(account.id, command.user_id)
        if user is None:
            raise NotFound("user", str(command.user_id))
        return account, user
