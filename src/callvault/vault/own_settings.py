"""An account's own settings: what a dialect keeps of it, read and changed as they are at the moment."""

from __future__ import annotations

from callvault.catalogue.store import Catalogue
from callvault.errors import NotFound
from callvault.model.actor import Account, User
from callvault.vault.own_commands import ChangeSettings, GetSettings, OwnedSettings


class OwnSettings:
    """Reads and changes them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def get(self, command: GetSettings) -> OwnedSettings:
        """The account as it is.

        Raises:
            NotFound: there is no such account, or it has no such user.
        """
        account, user = await self._found(command)
        return OwnedSettings(account=account, user=user)

    async def change(self, command: ChangeSettings) -> OwnedSettings:
        """The account with other settings.

        Raises:
            NotFound: there is no such account, or it has no such user; and whatever ``anew`` raises.
        """
        account, user = await self._found(command)
        changed = await self._catalogue.revise_account(account.id, command.anew)
        return OwnedSettings(account=changed, user=user)

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
