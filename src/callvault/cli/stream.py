"""``callvault stream``: a media-stream client that plays sounds over a WebSocket, in any vendor's manner."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import click

from callvault.caller.network import Network
from callvault.caller.rtp import EVENT_KEYS
from callvault.caller.sound import Sound, from_file, speechlike
from callvault.caller.streams.manners import CODECS, MANNERS
from callvault.caller.streams.plan import StreamPlan
from callvault.caller.streams.playing import play
from callvault.caller.streams.report import StreamingReport
from callvault.caller.timeline import Press
from callvault.cli.house import as_json, print_json
from callvault.cli.typed import HINT, unless_said
from callvault.errors import BadRequest, HouseError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_MOMENT = click.FloatRange(min=0)
_SHARE = click.FloatRange(0, 1)
_KEY_EVERY_S = 0.2
_SWITCHED = 101


@click.command()
@click.argument("url")
@click.argument("first", type=_FILE, required=False)
@click.argument("second", type=_FILE, required=False)
@click.option("--vendor", type=click.Choice(list(MANNERS)), help="Whose manner; as the URL's path says without it.")
@click.option("--tracks", type=click.IntRange(1, 2), default=2, help="Without files: how many voices there are.")
@click.option("--call-id", help="As the vendor's API would know the call; a new one without it.")
@click.option("--codec", type=click.Choice(sorted({name for names in CODECS.values() for name in names})),
              help="How the tracks are coded; the vendor's usual one without it.")  # fmt: skip
@click.option("--rate", type=click.IntRange(8000, 48_000), help="Samples a second of l16.")
@click.option("--seconds", type=_MOMENT, help="How long it lasts; as long as the longer sound, else 10.")
@click.option("--caller", default="+442079460101", help="Who calls.")
@click.option("--callee", default="+442079460202", help="Who is called.")
@click.option("--direction", type=click.Choice(["inbound", "outbound"]), default="inbound", help="Of the call.")
@click.option("--parameter", "parameters", type=(str, str), multiple=True, help="Name and value to pass on.")
@click.option("--user", help="For HTTP Basic authentication.")
@click.option("--password", callback=unless_said, help=f"For HTTP Basic authentication. {HINT}")
@click.option("--bearer", callback=unless_said, help=f"A token to show in the Authorization header. {HINT}")
@click.option("--ca-file", type=_FILE, help="Whom to trust for TLS; nobody is checked without it.")
@click.option("--digits", default="", help="Keys that are pressed, from the first second on.")
@click.option("--loss", type=_SHARE, default=0.0, help="Share of frames that are left out.")
@click.option("--reordered", type=_SHARE, default=0.0, help="Share of frames that come after the next one.")
@click.option("--duplicates", type=_SHARE, default=0.0, help="Share of frames that come twice.")
@click.option("--jitter", type=_MOMENT, default=0.0, help="Milliseconds that a frame is late at most.")
@click.option("--cut", type=_MOMENT, help="Second at which the connection breaks off.")
@click.option("--resume", type=_MOMENT, help="So many seconds later another connection goes on with the call.")
@click.option("--vanish", is_flag=True, help="No word at the end: the connection breaks off.")
@click.option("--mixed", is_flag=True, help="jambonz: one voice, and it is said to be both.")
@click.option("--fast", type=click.FloatRange(min=1), default=1.0, help="So many times faster than time.")
@click.option("--seed", type=int, help="For ids, sounds and chance; each stream has its own without it.")
@click.option("--calls", type=click.IntRange(min=1), default=1, help="How many streams.")
@click.option("--per-second", type=click.FloatRange(min=0, min_open=True), default=10.0, help="Streams begun a second.")
@as_json
def stream(**told: Any) -> None:  # noqa: ANN401 - what click was told above
    """Play a media stream to a server: one or two sounds, or something like speech.

    URL is such as ws://127.0.0.1:8089/streams/twilio/my-trunk.  The first sound is the inbound track, the second one
    the outbound track.
    """
    reports = asyncio.run(_all(told))
    if told["json_wanted"]:
        print_json(_plain(reports))
    else:
        click.echo("\n".join(_lines(reports)))
    refused = next(
        (each for each in reports if not isinstance(each, StreamingReport) or each.status != _SWITCHED), None
    )
    if isinstance(refused, StreamingReport):
        raise HouseError(f"The server refused the stream: {refused.status} {refused.reason}")
    if refused is not None:
        raise HouseError(refused)


async def _all(told: dict[str, Any]) -> list[StreamingReport | str]:
    async def one(number: int) -> StreamingReport | str:
        plan = _plan(told, number)
        await asyncio.sleep(number / told["per_second"])
        try:
            return await play(plan)
        except HouseError as error:
            return str(error)

    if told["calls"] == 1:
        return [await play(_plan(told, 0))]
    return list(await asyncio.gather(*(one(number) for number in range(told["calls"]))))


def _plan(told: dict[str, Any], number: int) -> StreamPlan:
    if (told["user"] is None) is not (told["password"] is None):
        raise BadRequest("Basic authentication takes both, --user and --password.", field="user")
    if not set(told["digits"]) <= set(EVENT_KEYS):
        raise BadRequest(f"Keys are of {EVENT_KEYS}; {told['digits']!r} has others.", field="digits")
    vendor, seed = told["vendor"] or _vendor_of(told["url"]), told["seed"]
    chance = Random(secrets.randbits(64) if seed is None else seed + number)  # noqa: S311 - ids of made-up calls
    network = Network(
        loss=told["loss"], duplicates=told["duplicates"], reordered=told["reordered"], jitter_ms=told["jitter"],
        seed=chance.getrandbits(32),
    )  # fmt: skip
    parameters = dict(told["parameters"])
    if vendor not in ("telnyx", "jambonz"):  # where nobody but the user says who it is
        parameters = {"from": told["caller"], "to": told["callee"], "direction": told["direction"]} | parameters
    return StreamPlan(
        url=told["url"], vendor=vendor, voices=_voices(told), account_id=_id(vendor, "AC", chance),
        call_id=told["call_id"] or _id(vendor, "CA", chance),
        stream_ids=(_id(vendor, "MZ", chance), _id(vendor, "MZ", chance)),
        codec=told["codec"] or CODECS[vendor][0], rate=told["rate"], network=network,
        presses=tuple(Press(at_s=1 + at * _KEY_EVERY_S, key=key) for at, key in enumerate(told["digits"])),
        caller=told["caller"], callee=told["callee"], direction=told["direction"], parameters=parameters,
        headers={"Authorization": f"Bearer {told['bearer']}"} if told["bearer"] else {},
        user=told["user"], password=told["password"], ca_file=str(told["ca_file"]) if told["ca_file"] else None,
        cut_at_s=told["cut"], resumes_after_s=told["resume"], vanishes=told["vanish"], mixed=told["mixed"],
        speed=told["fast"],
    )  # fmt: skip


def _vendor_of(url: str) -> str:
    """As callvault's own addresses name it: ``/streams/telnyx/my-trunk``."""
    return next((part for part in urlsplit(url).path.split("/") if part in MANNERS), next(iter(MANNERS)))


def _voices(told: dict[str, Any]) -> tuple[Sound, ...]:
    seconds: float | None = told["seconds"]
    files = [file for file in (told["first"], told["second"]) if file is not None]
    if files:
        sounds = [from_file(file) for file in files]
        return tuple(sound if seconds is None else sound.lasting(min(seconds, sound.seconds)) for sound in sounds)
    seed = (told["seed"] or 0) * 2
    return tuple(speechlike(seed + at, seconds=10.0 if seconds is None else seconds) for at in range(told["tracks"]))


def _id(vendor: str, prefix: str, chance: Random) -> str:
    """In the vendor's own form."""
    made = uuid.UUID(int=chance.getrandbits(128), version=4)
    forms = {"twilio": f"{prefix}{made.hex}", "telnyx": f"v3:{made.hex}", "bandwidth": f"{prefix[0].lower()}-{made}"}
    return str(made) if prefix != "CA" and vendor == "telnyx" else forms.get(vendor, str(made))


def _plain(reports: Sequence[StreamingReport | str]) -> Any:  # noqa: ANN401 - JSON
    plain = [each.plain() if isinstance(each, StreamingReport) else {"status": 0, "reason": each} for each in reports]
    return plain[0] if len(plain) == 1 else {"calls": len(plain), "reports": plain}


def _lines(reports: Sequence[StreamingReport | str]) -> list[str]:
    if len(reports) > 1:
        opened = [each for each in reports if isinstance(each, StreamingReport) and each.status == _SWITCHED]
        frames = sum(track.frames for each in opened for track in each.tracks)
        lines = [f"{len(reports)} streams: {len(opened)} opened, {frames:,} frames"]
        if opened:
            lines.append(f"opened in {median(each.opened_ms for each in opened):.1f} ms (median)")
        return lines
    (report,) = reports
    if not isinstance(report, StreamingReport):
        return [report]
    how = f"{report.status}, opened in {report.opened_ms:.1f} ms, {report.connections} connection(s)"
    lines = [f"{report.vendor}, call {report.call_id}: {how}, {report.seconds:.2f} s, {report.reason}"]
    for track in report.tracks:
        lines.append(
            f"{track.track}: {track.codec}, {track.frames} frames ({track.lost} lost), {track.seconds:.2f} s, "
            f"SHA-256 {track.sha256}"
        )
    return lines
