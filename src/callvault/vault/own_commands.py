"""What can be asked of the vault about what is an account's own, its stores and its keys, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from callvault.model.actor import Account, Scope, User
from callvault.model.storage import Backend


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepStorage:
    """Audio of this connection is kept in a store of the account's own from now on.  Answer: ``OwnStorage``."""

    account_id: UUID
    connection_id: str
    backend: Backend
    configuration: Mapping[str, Any] = field(repr=False)
    """Bucket and keys, by the names of ``media.own_places``."""
    replace: bool = False
    """Only where something has been chosen for the connection already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GetStorage:
    """What is chosen for a connection, keys and all.  Answer: ``OwnStorage``."""

    account_id: UUID
    connection_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DropStorage:
    """Nothing new goes to the account's own store for this connection.  Answer: None."""

    account_id: UUID
    connection_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AddPublicKey:
    """A key with which audio may be encrypted.  Answer: ``PublicKey``."""

    account_id: UUID
    pem: str
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FindPublicKeys:
    """All of the account's, newest first.  Answer: a sequence of ``PublicKey``."""

    account_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class GetPublicKey:
    """One key.  Answer: ``PublicKey``."""

    account_id: UUID
    key_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class RenamePublicKey:
    """Call a key by another name.  Answer: ``PublicKey``."""

    account_id: UUID
    key_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RemovePublicKey:
    """Forget a key that nothing is encrypted with any more.  Answer: None."""

    account_id: UUID
    key_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class GetSettings:
    """What is kept of an account, as it is just now.  Answer: ``OwnedSettings``."""

    account_id: UUID
    user_id: UUID | None = None
    """A user of the account who is meant; refuse where there is none such."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeSettings:
    """What is kept of an account becomes something else.  Answer: ``OwnedSettings``."""

    account_id: UUID
    anew: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    """From all of the account's settings to all of them; it may refuse."""
    user_id: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnedSettings:
    """An account with its settings, and the user who was meant."""

    account: Account
    user: User | None


OwnCommand = (
    KeepStorage
    | GetStorage
    | DropStorage
    | AddPublicKey
    | FindPublicKeys
    | GetPublicKey
    | RenamePublicKey
    | RemovePublicKey
    | GetSettings
    | ChangeSettings
)

OWN_SCOPES: Mapping[type, Scope] = {
    KeepStorage: Scope.WRITE,
    GetStorage: Scope.WRITE,
    DropStorage: Scope.WRITE,
    AddPublicKey: Scope.WRITE,
    FindPublicKeys: Scope.READ,
    GetPublicKey: Scope.READ,
    RenamePublicKey: Scope.WRITE,
    RemovePublicKey: Scope.WRITE,
    GetSettings: Scope.READ,
    ChangeSettings: Scope.WRITE,
}
"""What a caller's key must allow; whoever may read storage sees its secrets."""
