"""``callvault live``: the calls that are being received, and the verbs that steer them, over the vault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from uuid import UUID

import click

from callvault.cli.house import account_of, as_json, print_json, run_with_vault, terms_of, with_settings
from callvault.dialects import registry
from callvault.dialects.callvault.live_documents import live_call_object, steered_object
from callvault.dialects.callvault.wishes import WISH, checked
from callvault.dialects.callvault.words import call_ref, recording_ref
from callvault.dialects.contract import Terms
from callvault.errors import NotFound
from callvault.model.actor import Account
from callvault.model.live import LiveCall, Phase
from callvault.model.media import MediaFormat
from callvault.model.wish import Cue, Track, Wish
from callvault.server.serve import address
from callvault.server.settings import Settings
from callvault.vault.commands import Ref
from callvault.vault.live_commands import FindLiveCalls, GetLiveCall, MaskCall, StartRecording, Steered, SteerRecording
from callvault.vault.vault import Vault

Command = Callable[..., Any]
Deed = Callable[[Vault, Account, Ref], Any]


@click.group()
def live() -> None:
    """Live calls: which are being received, and what is recorded of them."""


@live.command("list")
@click.option("--account", "account_name", help="Only this account's: name, id or number.")
@as_json
@with_settings("base_url", "database")
def list_calls(settings: Settings, account_name: str | None, json_wanted: bool) -> None:  # noqa: FBT001 - click's way
    """List the calls that are being received, newest first."""

    async def do(vault: Vault) -> list[tuple[LiveCall, dict[str, Any]]]:
        terms = terms_of(vault, settings)
        found: list[tuple[LiveCall, dict[str, Any]]] = []
        for account in await _accounts(vault, account_name):
            calls = await vault.live.find(FindLiveCalls(account_id=account.id))
            found += [(call, live_call_object(call, terms.base_url, *_names(call, account, terms))) for call in calls]
        return found

    calls = run_with_vault(settings, do)
    if json_wanted:
        print_json([document for _, document in calls])
        return
    for call, _ in calls:
        click.echo(_line(call))


def _names(call: LiveCall, account: Account, terms: Terms) -> tuple[Mapping[str, str], Mapping[str, str]]:
    return registry.call_names(call, account, terms), registry.conference_names(call, account, terms)


def _verb(command: Command) -> Command:
    """What every verb takes: the call, and whose it is."""

    @wraps(command)
    @click.argument("call")
    @click.option("--account", "account_name", help="Whose call: name, id or number; without it every account's.")
    @as_json
    @with_settings("base_url", "database", "hook_networks")
    def run(settings: Settings, call: str, account_name: str | None, json_wanted: bool, **said: Any) -> None:  # noqa: ANN401, FBT001
        deed: Deed = command(settings, **said)

        async def do(vault: Vault) -> tuple[LiveCall | Steered, dict[str, Any]]:
            terms = terms_of(vault, settings)
            account, found = await _located(vault, await _accounts(vault, account_name), call)
            done: LiveCall | Steered = await deed(vault, account, call_ref(str(found.take)))
            steered = done.call if isinstance(done, Steered) else done
            names = _names(steered, account, terms)
            if isinstance(done, Steered):
                return done, steered_object(done, address(settings), *names)
            return done, live_call_object(done, address(settings), *names)

        done, document = run_with_vault(settings, do)
        if json_wanted:
            print_json(document)
        else:
            click.echo(_line(done.call if isinstance(done, Steered) else done))

    return run


@live.command("record")
@click.option("--format", "form", type=click.Choice([form.value for form in MediaFormat]), help=WISH["format"].about)
@click.option("--channels", type=click.IntRange(1, 2), help=WISH["channels"].about)
@click.option("--track", type=click.Choice([track.value for track in Track]), help=WISH["track"].about)
@click.option("--cue", type=click.Choice([cue.value for cue in Cue]), help=WISH["cue"].about)
@click.option("--most-s", type=click.FloatRange(min=0, min_open=True), help=WISH["most_s"].about)
@click.option("--silence-s", type=click.FloatRange(min=0, min_open=True), help=WISH["silence_s"].about)
@click.option("--label", help=WISH["label"].about)
@_verb
def record(settings: Settings, **said: Any) -> Deed:  # noqa: ANN401 - every verb has them
    """Begin a recording of CALL, by its take, its id, its Call-ID, or what any vendor calls it."""
    readers: dict[str, Callable[[str], Any]] = {"form": MediaFormat, "track": Track, "cue": Cue}
    wish = Wish(
        **{
            "format" if name == "form" else name: readers[name](value) if name in readers else value
            for name, value in said.items()
            if value is not None
        }
    )

    async def do(vault: Vault, account: Account, call: Ref) -> Steered:
        wanted = checked(wish, terms_of(vault, settings))
        command = StartRecording(account_id=account.id, call=call, wish=wanted)
        return await vault.live.start(command, datetime.now(UTC))

    return do


def _which(command: Command) -> Command:
    """Which recordings a verb is about."""
    everything = click.option("--all", "everything", is_flag=True, help="All recordings of the call.")
    one = click.option(
        "--recording", type=click.UUID, help="This recording. Without either: the one that was started last."
    )
    return one(everything(command))


def _steering(to: Phase, *, silent: bool, everything: bool, recording: UUID | None) -> Deed:
    if everything and recording is not None:
        raise click.UsageError("Give --all or --recording, not both.")

    async def do(vault: Vault, account: Account, call: Ref) -> Steered:
        command = SteerRecording(
            account_id=account.id,
            call=call,
            to=to,
            recording=None if recording is None else recording_ref(str(recording)),
            all_of_them=everything,
            silent=silent,
        )
        return await vault.live.steer(command, datetime.now(UTC))

    return do


@live.command("pause")
@click.option("--silent", is_flag=True, help="What is paused is silence in the file; else it is cut out.")
@_which
@_verb
def pause(settings: Settings, silent: bool, everything: bool, recording: UUID | None) -> Deed:  # noqa: ARG001, FBT001
    """Pause what is recorded of CALL."""
    return _steering(Phase.PAUSED, silent=silent, everything=everything, recording=recording)


@live.command("resume")
@_which
@_verb
def resume(settings: Settings, everything: bool, recording: UUID | None) -> Deed:  # noqa: ARG001, FBT001
    """Let a recording of CALL go on."""
    return _steering(Phase.RUNNING, silent=False, everything=everything, recording=recording)


@live.command("stop")
@_which
@_verb
def stop(settings: Settings, everything: bool, recording: UUID | None) -> Deed:  # noqa: ARG001, FBT001
    """Stop a recording of CALL; the call goes on."""
    return _steering(Phase.STOPPED, silent=False, everything=everything, recording=recording)


@live.command("mask")
@_verb
def mask(settings: Settings) -> Deed:  # noqa: ARG001
    """Silence CALL in every recording of it; what is said is written nowhere."""
    return _masking(on=True)


@live.command("unmask")
@_verb
def unmask(settings: Settings) -> Deed:  # noqa: ARG001
    """Let CALL be heard again."""
    return _masking(on=False)


def _masking(*, on: bool) -> Deed:
    async def do(vault: Vault, account: Account, call: Ref) -> LiveCall:
        return await vault.live.mask(MaskCall(account_id=account.id, call=call, on=on), datetime.now(UTC))

    return do


async def _accounts(vault: Vault, name: str | None) -> list[Account]:
    return list(await vault.catalogue.accounts()) if name is None else [await account_of(vault, name)]


async def _located(vault: Vault, accounts: list[Account], text: str) -> tuple[Account, LiveCall]:
    """The first account's that has such a call.

    Raises:
        NotFound: none has.
    """
    for account in accounts:
        try:
            return account, await vault.live.get(GetLiveCall(account_id=account.id, call=call_ref(text)))
        except NotFound:
            continue
    raise NotFound("live call", text)


def _line(call: LiveCall) -> str:
    made = ", ".join(f"{each.phase} {each.id}" for each in call.recordings) or "not recorded"
    parties = f"{call.caller.number or '?'} > {call.callee.number or '?'}"
    return f"{call.take}  {call.began_at:%Y-%m-%d %H:%M:%S}  {parties}  {'masked, ' if call.masked else ''}{made}"
