"""``callvault doctor``: what is in force and from where, and whether everything that is needed works."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import click

from callvault.capture.spools import Spools
from callvault.cli.doctor_sip import doctor_sip
from callvault.cli.house import as_json, print_json, with_settings
from callvault.errors import CallvaultError, MediaError
from callvault.server.build import build_catalogue, build_store, master_key
from callvault.server.capture.places import spool_folder
from callvault.server.serve import address
from callvault.server.settings import Settings

PROBE = b"callvault doctor: this object may be deleted\n"
LITTLE_ROOM = 1 << 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """The outcome of one check."""

    check: str
    good: bool
    says: str


@click.group(invoke_without_command=True)
@as_json
@with_settings("database", "store", "base_url")
def doctor(settings: Settings, json_wanted: bool) -> None:  # noqa: FBT001
    """Print every setting and where it comes from, and try what the server needs."""
    if click.get_current_context().invoked_subcommand is not None:
        return
    findings = asyncio.run(_examine(settings))
    if json_wanted:
        print_json(
            {
                "settings": {
                    setting.name: {
                        "value": ("(secret)" if value.value else "") if setting.secret else value.value,
                        "origin": value.origin,
                    }
                    for setting, value in settings.items()
                },
                "checks": [{"check": entry.check, "good": entry.good, "says": entry.says} for entry in findings],
            }
        )
    else:
        for setting, value in settings.items():
            told = ("(secret)" if value.value else "") if setting.secret else value.value
            click.echo(f"{setting.name:<18} {told!s:<34} {value.origin}")
        click.echo(f"\nClients reach it at {address(settings)}.")
        for entry in findings:
            click.echo(f"{'good' if entry.good else 'BAD ':<5} {entry.check:<10} {entry.says}")
    if not all(entry.good for entry in findings):
        raise SystemExit(1)


doctor.add_command(doctor_sip)


async def _examine(settings: Settings) -> list[Finding]:
    folder = settings.path("data")
    checks: list[tuple[str, Callable[[], Awaitable[str]]]] = [
        ("data", lambda: _data(folder)),
        ("keys", lambda: _keys(settings, folder)),
        ("catalogue", lambda: _catalogue(settings, folder)),
        ("store", lambda: _store(settings, folder)),
        ("tls", lambda: _tls(settings)),
        ("calls", lambda: _calls(settings)),
    ]
    return [await _tried(name, check) for name, check in checks]


async def _tried(name: str, check: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(check=name, good=True, says=await check())
    except (CallvaultError, OSError) as error:
        return Finding(check=name, good=False, says=str(error))


async def _data(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    free = shutil.disk_usage(folder).free
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(PROBE)
        os.fsync(file.fileno())
    if free < LITTLE_ROOM:
        raise MediaError(f"{folder} has only {free / 1e6:.0f} MB left.")
    return f"{folder} can be written and has {free / 1e9:.1f} GB left."


async def _keys(settings: Settings, folder: Path) -> str:
    master_key(settings, folder)
    path = folder / "master.key"
    if path.exists() and path.stat().st_mode & 0o077:
        raise MediaError(f"{path} can be read by others; chmod 600 {path}")
    return "The master key is there" + (", from the settings." if settings["master_key"] else f", in {path}.")


async def _catalogue(settings: Settings, folder: Path) -> str:
    catalogue = build_catalogue(settings, folder)
    await catalogue.open()
    try:
        accounts = await catalogue.accounts()
    finally:
        await catalogue.close()
    engine = "PostgreSQL" if settings["database"] else "SQLite"
    return f"{engine} answers, and knows {len(accounts)} account{'' if len(accounts) == 1 else 's'}."


async def _store(settings: Settings, folder: Path) -> str:
    store = build_store(settings, folder)
    key = f"doctor/{os.getpid()}"
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        file = Path(scratch) / "probe"
        file.write_bytes(PROBE)
        await store.put_file(key, file)
    try:
        read = b"".join([piece async for piece in store.chunks(key, 0, len(PROBE))])
    finally:
        await store.delete(key)
    if read != PROBE:
        raise MediaError("The store gave back other bytes than it was given.")
    return "An object was put, read back and deleted."


async def _tls(settings: Settings) -> str:
    if not settings["tls_cert"]:
        return "Off: clients that insist on https (SignalWire's) need tls_cert and tls_key."
    for name in ("tls_cert", "tls_key"):
        settings.path(name).read_bytes()
    return f"Certificate {settings['tls_cert']}."


async def _calls(settings: Settings) -> str:
    folder = spool_folder(settings)
    troubles = Spools(folder).troubles()
    if not troubles:
        return "Every call that was captured has become a recording, or will by itself."
    calls, them = ("1 call", "it") if len(troubles) == 1 else (f"{len(troubles)} calls", "them")
    latest, why = max(troubles.items())
    where = folder / "trouble"
    raise MediaError(f"{calls} could not be finished; what came of {them} is in {where}. The latest, {latest}: {why}")
