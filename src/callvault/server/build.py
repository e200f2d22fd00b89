"""The only file that constructs things: settings in, a vault or a whole application out."""

from __future__ import annotations

import logging
import os
import random
import secrets as randomness
import ssl
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from callvault import __version__
from callvault.capture.spools import Spools
from callvault.catalogue.sqlite import SqliteCatalogue
from callvault.catalogue.store import Catalogue
from callvault.dialects import registry
from callvault.dialects.contract import Dialect
from callvault.errors import OperatorError
from callvault.media.places import BucketAccess, store_at
from callvault.media.store import MediaStore
from callvault.model.destination import read_networks
from callvault.model.shipment import Patience
from callvault.server.addressing import Addressing
from callvault.server.capture.places import spool_folder
from callvault.server.clock import Clock, wall_clock
from callvault.server.http import App
from callvault.server.routing import Router
from callvault.server.serve import address
from callvault.server.settings import Settings, resolve
from callvault.server.speaking import Speech
from callvault.server.workers import Workers
from callvault.vault.listening import Ear
from callvault.vault.media_keys import unseal_media_keys
from callvault.vault.pushing import Relay
from callvault.vault.secrets import MASTER_BYTES, Secrets
from callvault.vault.vault import Vault
from callvault.webhooks.carrier import Carrier
from callvault.webhooks.courier import Courier
from callvault.webhooks.guard import Guard, Names
from callvault.webhooks.sender import Sender, tls_context
from callvault.webhooks.shipper import Shipper

if TYPE_CHECKING:
    from callvault.server.emulator.emulator import Emulator
    from callvault.server.emulator.odd_notices import NoticeFaults

MAIN = "main"
AGENT = f"callvault/{__version__}"
EMULATED_MASTER_KEY = "e0" * MASTER_BYTES
"""The same everywhere, so that cloaked ids and signatures are; it guards nothing."""
EMULATED_NETWORKS = "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"
"""Apps that are being tested listen on loopback, or in a network of containers."""
ENDLESS_LEASE_S = 86_400 * 365
"""An emulator has one courier, and a clock that may be put on by days while a webhook is under way."""
OWN_DIALECT = "callvault"


def app() -> App:
    """The application of a server process, from the environment: what the HTTP server is told to start."""
    settings = resolve({}, os.environ)
    logging.basicConfig(
        level=settings["log_level"].upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    return build_emulated_app(settings) if settings["emulate"] else build_app(settings)


def build_app(settings: Settings) -> App:
    """Vault, dialects and HTTP, put together; nothing is opened yet."""
    dialects = registry.load()
    fallback = next((dialect for dialect in dialects if dialect.name == OWN_DIALECT), dialects[0])
    carrier, addressing = build_carrier(settings), build_addressing(settings)
    vault = build_vault(settings, relay=Relay(fetch=carrier.fetch, address=addressing.back), hears=True)
    workers = Workers([build_courier(settings, vault, dialects), build_shipper(settings, vault, carrier, addressing)])
    return App(vault, Router(dialects), fallback, settings.values(), workers=workers)


def build_courier(
    settings: Settings,
    vault: Vault,
    dialects: Sequence[Dialect],
    clock: Clock = wall_clock,
    faults: NoticeFaults | None = None,
) -> Courier:
    """What delivers the vault's webhooks; it does nothing before it is run.  ``faults``: how they go wrong."""
    speech = Speech(
        dialects,
        vault.notifying,
        vault.secrets,
        base_url=address(settings),
        settings=settings.values(),
        clock=clock,
    )
    sender = build_sender(settings, clock)
    return Courier(
        vault.catalogue,
        faults.speaker(speech) if faults else speech,
        faults.carrier(sender) if faults else sender,
        clock=clock,
        dice=random.random,
        slots=settings["hook_slots"],
        lease_s=settings["hook_lease_s"],
        keep_days=settings["delivery_days"],
    )


def build_sender(settings: Settings, clock: Clock = wall_clock) -> Sender:
    """What sends a webhook, past the guard.

    Raises:
        OperatorError: the authorities cannot be read, or a network is none.
    """
    guard = Guard(read_networks(settings["hook_networks"]), Names())
    tls = _outward_tls(settings)
    return Sender(guard, connections=settings["hook_slots"], agent=AGENT, tls=tls, clock=clock)


def build_carrier(settings: Settings) -> Carrier:
    """What pushes files and reads them back, past the same guard.

    Raises:
        OperatorError: the authorities cannot be read, or a network is none.
    """
    guard = Guard(read_networks(settings["hook_networks"]), Names())
    return Carrier(guard, agent=AGENT, tls=_outward_tls(settings), timeout_s=settings["push_timeout_s"])


def build_addressing(settings: Settings) -> Addressing:
    """Where files are pushed to, in Kazoo's form."""
    return Addressing(base_url=address(settings), settings=settings.values(), clock=wall_clock)


def build_shipper(settings: Settings, vault: Vault, carrier: Carrier, addressing: Addressing) -> Shipper:
    """What carries finished files to where they were asked to be pushed; it does nothing before it is run."""
    return Shipper(
        vault.pushing,
        addressing.there,
        carrier,
        clock=wall_clock,
        dice=random.random,
        patience=Patience(
            tries=settings["push_tries"],
            pause_s=settings["push_pause_s"],
            rounds=settings["push_rounds"],
            longest_rest_s=settings["push_rest_s"],
        ),
        slots=settings["push_slots"],
    )


def _outward_tls(settings: Settings) -> ssl.SSLContext:
    try:
        return tls_context(str(settings.path("hook_ca")) if settings["hook_ca"] else None)
    except OSError as error:
        raise OperatorError(
            f"The setting hook_ca names {settings['hook_ca']}, which cannot be read: {error}."
        ) from error


def build_emulated_app(settings: Settings) -> App:
    """The same in front of an emulator: dialects that go wrong on demand, and a clock of their own.

    Raises:
        OperatorError: see ``build_emulator``.
    """
    from callvault.server.emulator.spoiling import spoiled  # noqa: PLC0415 - a real server never loads it
    from callvault.server.emulator.steering import steerable  # noqa: PLC0415

    emulator = build_emulator(settings, tells=True)
    dialects = registry.load()
    odd = {dialect.name: spoiled(dialect, emulator.faults) for dialect in dialects}
    fallback = odd[OWN_DIALECT] = steerable(odd[OWN_DIALECT], dialects)
    return App(emulator, Router(odd.values()), fallback, settings.values(), emulator.clock.now)


def build_emulator(settings: Settings, *, tells: bool = False) -> Emulator:
    """The emulator of a seed file; its vaults are what ``build_vault`` makes, in folders that do not stay.

    ``tells``: whether webhooks go out.

    Raises:
        OperatorError: the seed file is wrong, and says where; or other settings speak of data that would stay.
    """
    from callvault.server.emulator.clock import EmulatedClock  # noqa: PLC0415
    from callvault.server.emulator.emulator import Emulator  # noqa: PLC0415
    from callvault.server.emulator.faults import Faults  # noqa: PLC0415
    from callvault.server.emulator.odd_notices import NoticeFaults  # noqa: PLC0415
    from callvault.server.emulator.seed_file import read_seed  # noqa: PLC0415

    for name, usual in (("database", ""), ("store", ""), ("workers", 1)):
        if settings[name] != usual:
            raise OperatorError(f"An emulator is one process and keeps nothing: the setting {name} cannot go with it.")
    seed = read_seed(settings.path("emulate"))
    clock = EmulatedClock(seed.clock)
    faults = Faults()
    emulated = settings.but(
        master_key=settings["master_key"] or EMULATED_MASTER_KEY,
        hook_networks=settings["hook_networks"] or EMULATED_NETWORKS,
        hook_lease_s=ENDLESS_LEASE_S,
    )
    odd, dialects = NoticeFaults(faults, clock), registry.load()
    return Emulator(
        seed,
        clock,
        faults,
        lambda folder: build_vault(emulated.but(data=str(folder)), clock.now),
        (lambda vault: build_courier(emulated, vault, dialects, clock.now, odd)) if tells else None,
    )


def build_vault(
    settings: Settings, clock: Clock = wall_clock, relay: Relay | None = None, *, hears: bool = False
) -> Vault:
    """The vault that the settings describe; nothing is opened yet, but the data folder exists.

    ``relay``: how files are read back from where they were pushed to; None: they are not.
    ``hears``: whether live calls of this node can be heard through it.
    """
    folder = settings.path("data")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise OperatorError(f"The data folder {folder} cannot be made: {error.strerror}.") from error
    held = Secrets(master_key(settings, folder))
    return Vault(
        build_catalogue(settings, folder),
        {MAIN: build_store(settings, folder)},
        folder,
        held,
        most_upload_bytes=settings["max_upload_bytes"],
        most_cache_bytes=settings["cache_bytes"],
        transcriber=settings["transcriber"],
        hook_forms={dialect.name: dialect.hooks.form for dialect in registry.load()},
        hook_networks=read_networks(settings["hook_networks"]),
        storage_networks=read_networks(settings["storage_networks"], "storage_networks"),
        relay=relay,
        ear=build_ear(settings, held) if hears else None,
        clock=clock,
    )


def build_ear(settings: Settings, held: Secrets) -> Ear:
    """What hears the calls that this node captures."""
    # everybody else is spared the decoders
    from callvault.capture.listening.listener import Listeners  # noqa: PLC0415
    from callvault.capture.listening.live_sound import behind_ns  # noqa: PLC0415

    return Listeners(
        lambda: Spools(spool_folder(settings)),
        lambda text: unseal_media_keys(held, text),
        most=settings["most_listeners"],
        behind_ns=behind_ns(settings["media_tick_ms"]),
        clock_ns=time.time_ns,
    )


def build_catalogue(settings: Settings, folder: Path) -> Catalogue:
    """SQLite in the data folder, or PostgreSQL."""
    database = settings["database"]
    if not database:
        return SqliteCatalogue(folder / "catalogue.sqlite")
    if database.startswith(("postgresql://", "postgres://")):
        from callvault.catalogue.postgres import PostgresCatalogue  # noqa: PLC0415 - its driver is loaded when used

        return PostgresCatalogue(database)
    raise OperatorError("The setting database must begin with postgresql://, or be empty for SQLite.")


def build_store(settings: Settings, folder: Path) -> MediaStore:
    """The store of originals."""
    access = BucketAccess(
        endpoint=settings["store_endpoint"],
        region=settings["store_region"],
        access_key=settings["store_access_key"],
        secret_key=settings["store_secret_key"],
    )
    return store_at(MAIN, settings["store"] or str(folder / "media"), access)


def master_key(settings: Settings, folder: Path) -> bytes:
    """The master key from the settings, or the data folder's own, made where there is none yet.

    Raises:
        OperatorError: it is not 64 hex characters, or cannot be kept.
    """
    if settings["master_key"]:
        return _hex_key(settings["master_key"], "The setting master_key")
    path = folder / "master.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _hex_key(path.read_text().strip(), str(path))
    except OSError as error:
        raise OperatorError(f"The master key cannot be kept in {path}: {error.strerror}.") from error
    with os.fdopen(descriptor, "w") as file:
        key = randomness.token_bytes(MASTER_BYTES)
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def _hex_key(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != MASTER_BYTES:
        raise OperatorError(f"{where} must hold {2 * MASTER_BYTES} hex characters.")
    return key
