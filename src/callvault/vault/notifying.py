"""Hooks and deliveries: subscribed to, taken back, looked at, replayed; and the secrets that a notice needs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from callvault.catalogue.store import Catalogue
from callvault.errors import BadRequest, NotFound
from callvault.model.destination import Network, check_url
from callvault.model.events import EventKind
from callvault.model.hook import Delivery, Hook, HookForm, HookOption
from callvault.model.ids import new_id
from callvault.model.query import Slice
from callvault.vault.hook_commands import (
    AddHook,
    FindDeliveries,
    FindHooks,
    GetDelivery,
    GetHook,
    LoggedDelivery,
    RemoveHook,
    ReplayDelivery,
)
from callvault.vault.secrets import Secrets

MOST_HOOKS = 100
"""Of one account, and again of one recording: each is a row that every change has to look at."""
LONGEST_TEXT = 1024
NONCE = 12


class Notifying:
    """What can be done about hooks."""

    def __init__(
        self,
        catalogue: Catalogue,
        house_secrets: Secrets,
        forms: Mapping[str, HookForm],
        *,
        allowed: Sequence[Network] = (),
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """``forms``: what hooks of each dialect may be; ``allowed``: networks that are called besides public ones."""
        self._catalogue = catalogue
        self._secrets = house_secrets
        self._forms = forms
        self._allowed = allowed
        self._entropy = entropy

    async def add(self, command: AddHook, now: datetime) -> Hook:
        """Keep a hook.

        Raises:
            BadRequest: the dialect has no such hooks; the sentence says what it has.
            NotFound: there is no such recording.
        """
        hook = self._checked(command, now)
        of = command.recording_id
        if of is not None and await self._catalogue.get(of, account_id=command.account_id) is None:
            raise NotFound("recording", str(of))
        if len(await self._catalogue.hooks(command.account_id, of)) >= MOST_HOOKS:
            whose = "account" if of is None else "recording"
            raise BadRequest(f"The {whose} has {MOST_HOOKS} hooks already; remove one first.")
        await self._catalogue.add_hook(hook)
        return hook

    def foresee(self, command: AddHook, now: datetime) -> Hook:
        """The hook of a recording that is not there yet; it is not kept.

        Raises:
            BadRequest: as ``add``.
        """
        return self._checked(command, now)

    async def remove(self, command: RemoveHook, now: datetime) -> Hook:
        """Take a hook out of force.

        Raises:
            NotFound: there is no such hook.
        """
        return await self._catalogue.remove_hook(command.account_id, command.hook_id, now)

    async def find(self, command: FindHooks) -> Sequence[Hook]:
        """The hooks in force."""
        return await self._catalogue.hooks(command.account_id, command.recording_id)

    async def get(self, command: GetHook) -> Hook:
        """One hook.

        Raises:
            NotFound: there is no such hook, or it was removed.
        """
        hook = await self._catalogue.hook(command.account_id, command.hook_id)
        if hook is None or hook.removed_at is not None:
            raise NotFound("hook", str(command.hook_id))
        return hook

    async def deliveries(self, command: FindDeliveries) -> Slice[Delivery]:
        """A page."""
        return await self._catalogue.find_deliveries(command.query)

    async def delivery(self, command: GetDelivery) -> LoggedDelivery:
        """One delivery with its attempts.

        Raises:
            NotFound: there is no such delivery.
        """
        found = await self._catalogue.delivery(command.account_id, command.delivery_id)
        if found is None:
            raise NotFound("delivery", str(command.delivery_id))
        return LoggedDelivery(delivery=found[0], attempts=tuple(found[1]))

    async def replay(self, command: ReplayDelivery, now: datetime) -> Delivery:
        """Let a delivery begin anew.

        Raises:
            NotFound: there is no such delivery.
            Conflict: its hook was removed.
        """
        return await self._catalogue.replay(command.account_id, command.delivery_id, now)

    async def auth_token(self, account_id: UUID) -> str | None:
        """The account's oldest key that is in use and kept whole, 64 hex characters."""
        for key in await self._catalogue.keys(account_id):
            if key.sealed is not None and key.revoked_at is None:
                return key.id + self._secrets.unseal(key.sealed)
        return None

    def password(self, hook: Hook) -> str:
        """The password that goes with a hook's user name."""
        return "" if hook.sealed_password is None else self._secrets.unseal(hook.sealed_password)

    def _checked(self, command: AddHook, now: datetime) -> Hook:
        form = self._forms.get(command.dialect)
        if form is None:
            known = ", ".join(name for name, each in self._forms.items() if each.events)
            raise BadRequest(f"There is no dialect {command.dialect!r}; there are {known}.", field="dialect")
        if not form.events:
            raise BadRequest(f"The vendor of {command.dialect} has no webhooks about recordings.", field="dialect")
        for name in ("username", "password"):
            text = getattr(command, name)
            if text is not None and (len(text) > LONGEST_TEXT or not text.isprintable()):
                raise BadRequest(f"{name} must be printable, of at most {LONGEST_TEXT} characters.", field=name)
        if command.password is not None and command.username is None:
            raise BadRequest("A password needs a username beside it.", field="username")
        if command.username is not None and ":" in command.username:
            raise BadRequest("A username of Basic credentials has no colon.", field="username")
        sealed = None if command.password is None else self._secrets.seal(command.password, self._entropy(NONCE))
        return Hook(
            id=new_id(now, self._entropy(10)),
            account_id=command.account_id,
            dialect=command.dialect,
            url=check_url(command.url, "url", self._allowed),
            failover_url=self._failover(command, form),
            method=_method(command.method, form),
            events=_events(command, form),
            recording_id=command.recording_id,
            username=command.username,
            sealed_password=sealed,
            options=_options(command.options, form),
            created_at=now,
        )

    def _failover(self, command: AddHook, form: HookForm) -> str | None:
        if command.failover_url is None:
            return None
        if not form.failover:
            raise BadRequest(f"The webhooks of {command.dialect} go to one URL only.", field="failover_url")
        return check_url(command.failover_url, "failover_url", self._allowed)


def _method(method: str | None, form: HookForm) -> str:
    if method is None:
        return form.methods[0]
    if method not in form.methods:
        raise BadRequest(f"method must be one of {', '.join(form.methods)}, not {method!r}.", field="method")
    return method


def _events(command: AddHook, form: HookForm) -> frozenset[EventKind]:
    if command.events is None:
        return form.usual
    unknown = command.events - form.events
    if unknown or not command.events:
        known = ", ".join(kind for kind in EventKind if kind in form.events)
        what = ", ".join(sorted(unknown)) or "nothing"
        raise BadRequest(f"The webhooks of {command.dialect} tell of {known}; not of {what}.", field="events")
    return command.events


def _options(options: Mapping[str, str], form: HookForm) -> dict[str, str]:
    for name, value in options.items():
        if name not in form.options:
            known = ", ".join(form.options) or "none"
            raise BadRequest(f"There is no option {name!r}; there is {known}.", field=f"options.{name}")
        _check_option(name, value, form.options[name])
    return dict(options)


def _check_option(name: str, value: str, option: HookOption) -> None:
    field = f"options.{name}"
    if len(value) > LONGEST_TEXT or not value.isprintable():
        raise BadRequest(f"{name} must be printable, of at most {LONGEST_TEXT} characters.", field=field)
    if option.choices and value not in option.choices:
        raise BadRequest(f"{name} must be one of {', '.join(option.choices)}, not {value!r}.", field=field)
    if option.span is not None and not _within(value, option):
        least, most = option.span
        kind = "a whole number" if option.whole else "a number"
        raise BadRequest(f"{name} must be {kind} from {least:g} to {most:g}, not {value!r}.", field=field)
    if not option.fits(value):
        raise BadRequest(f"{name} is not of its form: {option.about}", field=field)


def _within(value: str, option: HookOption) -> bool:
    least, most = option.span or (0, 0)
    digits = value if option.whole else value.replace(".", "", 1)
    return digits.isascii() and digits.isdigit() and len(digits) <= 9 and least <= float(value) <= most
