"""Every knob, in one table.  A flag wins over ``CALLVAULT_*``, that over the TOML file, that over the default.

An unknown name or a value that cannot be read stops the start; nothing is guessed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callvault.errors import OperatorError

PREFIX = "CALLVAULT_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One knob."""

    name: str
    default: Any
    help: str
    secret: bool = False
    """Never printed; ``CALLVAULT_<NAME>_FILE`` may name a file that holds it."""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """What a knob is set to, and by what."""

    value: Any
    origin: str


SETTINGS = (
    Setting(name="data", default="callvault-data", help="The folder that holds everything: catalogue, media, keys."),
    Setting(
        name="database",
        default="",
        help="postgresql://user:password@host/name; empty: SQLite, in the data folder.",
        secret=True,
    ),
    Setting(
        name="store",
        default="",
        help="Where originals are kept: s3://bucket/prefix, gs://…, az://…, or a folder; empty: in the data folder.",
    ),
    Setting(name="store_endpoint", default="", help="The URL of an S3-compatible server; empty: the provider's own."),
    Setting(name="store_region", default="", help="The region of the bucket."),
    Setting(name="store_access_key", default="", help="The access key id of the bucket.", secret=True),
    Setting(name="store_secret_key", default="", help="The secret access key of the bucket.", secret=True),
    Setting(
        name="storage_networks",
        default="",
        help="Networks that are not public in which accounts may have S3 servers of their own: 10.1.0.0/16, fd00::/8.",
    ),
    Setting(name="host", default="127.0.0.1", help="The address to listen on; 0.0.0.0 or :: for all."),
    Setting(name="port", default=8480, help="The TCP port to listen on."),
    Setting(name="base_url", default="", help="How clients reach the server; empty: as each request's Host says."),
    Setting(name="tls_cert", default="", help="A PEM file with the certificate chain; with tls_key: serve https."),
    Setting(name="tls_key", default="", help="A PEM file with the certificate's private key."),
    Setting(name="workers", default=1, help="Processes that answer HTTP."),
    Setting(
        name="master_key",
        default="",
        help="64 hex characters that all nodes share; empty: made at the first start and kept in the data folder.",
        secret=True,
    ),
    Setting(name="max_upload_bytes", default=16 << 30, help="The largest recording that is taken in."),
    Setting(name="cache_bytes", default=10 << 30, help="How much room cached renditions may take."),
    Setting(
        name="kazoo_realm",
        default="",
        help="Kazoo: the realm of callers that did not come from Kazoo; empty: the host of the base URL.",
    ),
    Setting(
        name="kazoo_window_days",
        default=0,
        help="Kazoo: how many days a list looks back and spans; 0: all. Kazoo itself has 31.",
    ),
    Setting(name="kazoo_most_page_size", default=1000, help="Kazoo: the longest page of a list."),
    Setting(name="kazoo_most_unpaged", default=10_000, help="Kazoo: the longest list without pages; beyond it, 416."),
    Setting(
        name="signalwire_finished_status",
        default="completed",
        help="SignalWire: the status of what is finished: completed, which clients wait for, or the page's stopped.",
        choices=("completed", "stopped"),
    ),
    Setting(
        name="telnyx_list_shape",
        default="superset",
        help="Telnyx: a list's elements: flat, nested in data as on the page, or superset, which is both.",
        choices=("superset", "flat", "nested"),
    ),
    Setting(
        name="transcriber",
        default="",
        help="A program that is given a WAV file and a locale and prints a transcript as JSON; empty: none are made.",
    ),
    Setting(
        name="emulate",
        default="",
        help="A seed file (YAML): be a stand-in for tests, with what it says and no data of your own; empty: be real.",
    ),
    Setting(
        name="hook_networks",
        default="",
        help="Networks that webhooks may go to besides public ones, such as 10.1.0.0/16,fd00::/8; commas between.",
    ),
    Setting(
        name="hook_ca", default="", help="A PEM file with authorities that webhooks' receivers are trusted by too."
    ),
    Setting(
        name="hook_slots", default=64, help="Webhooks that a process sends at once; a quarter of them to one hook."
    ),
    Setting(
        name="hook_lease_s",
        default=90,
        help="Seconds after which another process sends what a killed one was about to; below 60 some go out twice.",
    ),
    Setting(name="delivery_days", default=30, help="Days for which delivered webhooks and their answers are kept."),
    Setting(name="push_tries", default=5, help="How often in a row a finished file is pushed to the URL asked for."),
    Setting(name="push_pause_s", default=5, help="Seconds between two of these tries."),
    Setting(name="push_rounds", default=6, help="How many such rows there are before a push is given up."),
    Setting(
        name="push_rest_s",
        default=600,
        help="Seconds between two rows at most; a random part of it, from a tenth on.",
    ),
    Setting(
        name="push_timeout_s",
        default=300,
        help="Seconds for which a push's receiver may take nothing, or answer nothing.",
    ),
    Setting(name="push_slots", default=4, help="Files that a process pushes at once."),
    Setting(
        name="sip_listen",
        default="",
        help="Where calls come in: udp:0.0.0.0:5060 tcp:[::]:5060 tls:0.0.0.0:5061; spaces between. Empty: nowhere.",
    ),
    Setting(name="sip_tls_cert", default="", help="A PEM file with the certificate chain for tls in sip_listen."),
    Setting(name="sip_tls_key", default="", help="A PEM file with that certificate's private key."),
    Setting(
        name="sip_tls_ca",
        default="",
        help="A PEM file with the authorities of clients' certificates; empty: none is asked for.",
    ),
    Setting(
        name="media_host",
        default="",
        help="The address that clients are told to send audio to; empty: that on which the call came in.",
    ),
    Setting(name="media_ports", default="10000-32000", help="The UDP ports for audio, one for each stream."),
    Setting(name="media_workers", default=1, help="Processes that write what comes to the media ports."),
    Setting(name="media_tick_ms", default=200, help="How often they do; what a killed machine may lose of a call."),
    Setting(
        name="spool_floor_bytes",
        default=512 << 20,
        help="New calls are refused when the data folder's disk has less room; it is left to those under way.",
    ),
    Setting(
        name="stream_listen",
        default="",
        help="Where media streams come in: ws:127.0.0.1:8089 wss:[::]:8443 (with tls_cert). Empty: nowhere.",
    ),
    Setting(
        name="stream_resume_s",
        default=20,
        help="Seconds for which a media stream that broke off is waited for, before its call is taken for ended.",
    ),
    Setting(name="finishers", default=1, help="Processes that make recordings of finished calls."),
    Setting(name="most_calls", default=5000, help="Calls that are captured at once; more are refused with 503."),
    Setting(name="most_listeners", default=50, help="Who may listen to live calls at once, in each HTTP process."),
    Setting(name="silence_s", default=120, help="Seconds without any packet after which a call is taken for ended."),
    Setting(name="node", default="", help="This machine among those of one archive; empty: its host name."),
    Setting(
        name="log_level",
        default="warning",
        help="What is logged: debug, info, warning or error.",
        choices=("debug", "info", "warning", "error"),
    ),
)
BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}


class Settings:
    """The values in force, each with where it comes from."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - by setting
        return self._values[name].value

    def path(self, name: str) -> Path:
        """A setting that is a file or folder, as an absolute path."""
        return Path(self[name]).expanduser().resolve()

    def items(self) -> list[tuple[Setting, Value]]:
        """All, in the order of the table."""
        return [(setting, self._values[setting.name]) for setting in SETTINGS]

    def values(self) -> dict[str, Any]:
        """Names and values, secrets left out."""
        return {setting.name: value.value for setting, value in self.items() if not setting.secret}

    def but(self, **values: Any) -> Settings:  # noqa: ANN401 - by setting
        """The same settings with some that are what the program itself says."""
        return Settings(self._values | {name: Value(value=value, origin="program") for name, value in values.items()})

    def environment(self) -> dict[str, str]:
        """The same settings for a child process."""
        return {
            PREFIX + setting.name.upper(): str(value.value)
            for setting, value in self.items()
            if value.origin != "default"
        }


def resolve(flags: Mapping[str, Any], environment: Mapping[str, str], file: Path | None = None) -> Settings:
    """Settle every setting.

    Raises:
        OperatorError: a name is unknown or a value unreadable; the sentence says which, and from where.
    """
    file = file or (Path(environment["CALLVAULT_CONFIG"]) if environment.get("CALLVAULT_CONFIG") else None)
    values = {setting.name: Value(value=setting.default, origin="default") for setting in SETTINGS}
    layers = [
        (_from_file(file) if file else {}, f"file {file}"),
        (_from_environment(environment), "environment"),
        ({name: value for name, value in flags.items() if value is not None}, "flag"),
    ]
    for layer, origin in layers:
        for name, value in layer.items():
            if name not in BY_NAME:
                raise OperatorError(f"There is no setting {name!r} ({origin}); there are {', '.join(BY_NAME)}.")
            values[name] = Value(value=_read(BY_NAME[name], value, origin), origin=origin)
    return Settings(values)


def _from_file(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except OSError as error:
        raise OperatorError(f"The settings file {file} cannot be read: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(f"The settings file {file} is not TOML: {error}.") from error


def _from_environment(environment: Mapping[str, str]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or variable == "CALLVAULT_CONFIG":
            continue
        name = variable.removeprefix(PREFIX).lower()
        secret_name = name.removesuffix("_file")
        if name not in BY_NAME and secret_name in BY_NAME and BY_NAME[secret_name].secret:
            try:
                found[secret_name] = Path(text).read_text().strip()
            except OSError as error:
                raise OperatorError(f"{variable} names {text}, which cannot be read: {error.strerror}.") from error
        else:
            found[name] = text
    return found


def _read(setting: Setting, value: Any, origin: str) -> Any:  # noqa: ANN401 - by setting
    reader: Callable[[Any], Any] = _READERS[type(setting.default)]
    try:
        read = reader(value)
    except (ValueError, TypeError):
        kind = _KINDS[type(setting.default)]
        raise OperatorError(f"The setting {setting.name} must be {kind}, not {value!r} ({origin}).") from None
    if setting.choices and read not in setting.choices:
        raise OperatorError(
            f"The setting {setting.name} must be one of {', '.join(setting.choices)}, not {value!r} ({origin})."
        )
    return read


def _truth(value: Any) -> bool:  # noqa: ANN401
    words = {"true": True, "false": False}
    if isinstance(value, bool):
        return value
    if str(value).lower() in words:
        return words[str(value).lower()]
    raise ValueError


_READERS: dict[type, Callable[[Any], Any]] = {str: str, int: int, bool: _truth}
_KINDS: dict[type, str] = {str: "a text", int: "a whole number", bool: "true or false"}
