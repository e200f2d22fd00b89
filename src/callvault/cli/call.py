"""``callvault call``: a recording client that plays two sounds to any recorder, in any vendor's manner."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from callvault.caller import rtpdump
from callvault.caller.call import place
from callvault.caller.codecs import CODECS
from callvault.caller.crowd import place_all, summary
from callvault.caller.digest import Credentials
from callvault.caller.network import Network
from callvault.caller.plan import CallPlan, Voice
from callvault.caller.report import CallReport
from callvault.caller.rtp import EVENT_KEYS
from callvault.caller.sound import KEYPAD, Sound, from_file, keyed, speechlike
from callvault.caller.styles.registry import STYLES
from callvault.caller.timeline import Press
from callvault.cli.house import as_json, print_json
from callvault.cli.typed import HINT, unless_said
from callvault.errors import BadRequest, HouseError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_CODEC = click.Choice(list(CODECS))
_MOMENT = click.FloatRange(min=0)
_SHARE = click.FloatRange(0, 1)
_FIRST_KEY_S, _KEY_EVERY_S = 1.0, 0.2

_STYLES = "\n".join(f"  {name:<20} {style.about}" for name, style in STYLES.items())


@click.command(epilog=f"\b\nStyles:\n{_STYLES}")
@click.argument("recorder")
@click.argument("caller", type=_FILE, required=False)
@click.argument("callee", type=_FILE, required=False)
@click.option("--style", type=click.Choice(list(STYLES)), default="rfc7865", help="Whose manner; see below.")
@click.option("--transport", type=click.Choice(["udp", "tcp", "tls"]), help="Instead of what the URI says.")
@click.option("--ca-file", type=_FILE, help="Whom to trust for TLS; nobody is checked without it.")
@click.option("--certificate", type=_FILE, help="Our certificate and its key, in one PEM file.")
@click.option("--own-address", help="The address of ours to call from.")
@click.option("--user", help="For digest authentication.")
@click.option("--password", callback=unless_said, help=f"For digest authentication. {HINT}")
@click.option("--codec", type=_CODEC, default="pcmu", help="How the streams are coded.")
@click.option("--change-codec", type=(float, _CODEC), help="Second and codec: coded otherwise from then on.")
@click.option("--srtp", is_flag=True, help="Encrypt the streams, with keys in the description (SDES).")
@click.option(
    "--srtp-mki",
    type=click.IntRange(0, 128),
    default=0,
    help="Octets by which each packet names its key (MKI); 0: none.",
)
@click.option("--change-key", type=_MOMENT, help="Second at which another key of the same line is used; takes an MKI.")
@click.option("--ptime", type=click.Choice(["10", "20", "30", "40", "60"]), default="20", help="Milliseconds a packet.")
@click.option("--seconds", type=_MOMENT, help="How long the call lasts; as long as the longer sound, else 10.")
@click.option("--loss", type=_SHARE, default=0.0, help="Share of packets that are lost.")
@click.option("--duplicates", type=_SHARE, default=0.0, help="Share of packets that come twice.")
@click.option("--reordered", type=_SHARE, default=0.0, help="Share of packets that come after the next one.")
@click.option("--jitter", type=_MOMENT, default=0.0, help="Milliseconds that a packet is late at most.")
@click.option("--drift", type=float, default=0.0, help="Millionths by which the callee's clock is too fast.")
@click.option("--ring", "rings", type=_MOMENT, help="Second until which the streams are inactive.")
@click.option(
    "--answer", "answers", type=_MOMENT, help="Second at which the callee comes in; the caller is alone before."
)
@click.option("--late", type=_MOMENT, default=0.0, help="Seconds until the callee's stream begins.")
@click.option("--one-sided", is_flag=True, help="The callee's stream is announced and never comes.")
@click.option("--restart", type=_MOMENT, help="Second at which the callee's SSRC changes.")
@click.option("--move", type=_MOMENT, help="Second at which the callee's packets come from another port.")
@click.option("--hold", "holds", type=(float, float), multiple=True, help="Seconds of hold and of resumption.")
@click.option("--transfer", type=_MOMENT, help="Second at which somebody else takes the callee's place.")
@click.option("--join", "joins", type=_MOMENT, help="Second at which a third one joins.")
@click.option("--leave", "leaves", type=_MOMENT, help="Second at which the third one leaves.")
@click.option("--rename", type=_MOMENT, help="Second at which an UPDATE says who the callee is.")
@click.option("--refresh", "refreshes", type=_MOMENT, multiple=True, help="Second of a refresh of the session.")
@click.option("--session-expires", type=click.IntRange(min=90), help="Seconds to offer for the session timer.")
@click.option("--digits", default="", help="Keys that the caller presses, from the first second on.")
@click.option("--tones", default="", help="Keys that are heard in the caller's voice, from the first second on.")
@click.option("--quiet", is_flag=True, help="Silence is not sent: comfort noise instead.")
@click.option("--no-rtcp", is_flag=True, help="No reports about the streams.")
@click.option("--cancel", is_flag=True, help="Take the INVITE back as soon as the recorder is at it.")
@click.option("--vanish", is_flag=True, help="No BYE at the end.")
@click.option("--parameter", "parameters", type=(str, str), multiple=True, help="Name and value to pass on.")
@click.option("--recorded-call", help="The Call-ID of the call that is recorded.")
@click.option("--fast", type=click.FloatRange(min=1), default=1.0, help="So many times faster than time.")
@click.option("--seed", type=int, help="For ids, sounds and chance; each call has its own without it.")
@click.option("--calls", type=click.IntRange(min=1), default=1, help="How many calls.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), default=10.0, help="Calls begun a second.")
@click.option("--packets", type=click.Path(dir_okay=False, path_type=Path), help="Write what was sent, as rtpdump.")
@click.option("--trace", is_flag=True, help="Print the SIP messages.")
@as_json
def call(**told: Any) -> None:  # noqa: ANN401 - what click was told above
    """Play a recorded call to a recorder: two sounds, or something like speech.

    RECORDER is a SIP URI such as sip:archive.example.net:5060.
    """
    plan = _plan(told)
    if told["calls"] > 1:
        _crowd(plan, told)
        return
    report = asyncio.run(place(plan))
    if told["packets"] is not None:
        _write(report, told["packets"])
    if told["json_wanted"]:
        print_json(report.plain())
    else:
        click.echo("\n".join(_lines(report, trace=told["trace"])))
    if report.status >= 300 and not plan.cancels:
        raise HouseError(f"The recorder refused the call: {report.status} {report.reason}.")


def _plan(told: dict[str, Any]) -> CallPlan:
    seconds = told["seconds"]
    caller, callee = (_sound(told[side], number, told) for number, side in enumerate(("caller", "callee")))
    network = Network(
        loss=told["loss"], duplicates=told["duplicates"], reordered=told["reordered"], jitter_ms=told["jitter"],
        seed=told["seed"] or 0,
    )  # fmt: skip
    if not set(told["tones"]) <= set(KEYPAD):
        raise BadRequest(f"Keys are of {KEYPAD}; {told['tones']!r} has others.", field="tones")
    caller = keyed(caller, told["tones"], from_s=_FIRST_KEY_S, every_s=_KEY_EVERY_S)
    change = told["change_codec"] or (None, None)
    voice = Voice(
        sound=caller, codec=told["codec"], changes_codec_at_s=change[0], second_codec=change[1], network=network,
        suppresses_silence=told["quiet"], presses=_presses(told["digits"]),
    )  # fmt: skip
    other = replace(
        voice, sound=callee, user="2001", host="pbx.example.net", name="Omar", presses=(), drift_ppm=told["drift"],
        begins_at_s=told["late"], never_comes=told["one_sided"], restarts_at_s=told["restart"],
        moves_at_s=told["move"], network=replace(network, seed=network.seed + 1),
    )  # fmt: skip
    third = replace(voice, sound=speechlike(3, seconds=caller.seconds), user="2003", name="Lena", presses=())
    if (told["user"] is None) is not (told["password"] is None):
        raise BadRequest("Digest authentication takes both, --user and --password.", field="user")
    if told["srtp_mki"] and not told["srtp"]:
        raise BadRequest("Keys have identifiers only where there are keys: --srtp-mki takes --srtp.", field="srtp_mki")
    if told["change_key"] is not None and not told["srtp_mki"]:
        raise BadRequest("Packets have to name their key where it changes: give --srtp-mki too.", field="change_key")
    return CallPlan(
        recorder=told["recorder"], voices=(voice, other), style=told["style"], transport=told["transport"],
        ca_file=told["ca_file"], certificate=told["certificate"], own_address=told["own_address"],
        credentials=None if told["user"] is None else Credentials(user=told["user"], password=told["password"]),
        secure=told["srtp"], mki_bytes=told["srtp_mki"], changes_key_at_s=told["change_key"],
        ptime_ms=int(told["ptime"]), seconds=seconds, rtcp=not told["no_rtcp"],
        speed=told["fast"], rings_until_s=told["rings"], answers_at_s=told["answers"],
        holds=told["holds"], transfer_at_s=told["transfer"],
        joiner=None if told["joins"] is None else third, joins_at_s=told["joins"], leaves_at_s=told["leaves"],
        renames_at_s=told["rename"], refreshes_at_s=told["refreshes"], session_expires_s=told["session_expires"],
        cancels=told["cancel"], vanishes=told["vanish"], recorded_call=told["recorded_call"],
        parameters=told["parameters"], keeps_messages=told["trace"], seed=told["seed"],
    )  # fmt: skip


def _sound(file: Path | None, number: int, told: dict[str, Any]) -> Sound:
    seconds: float | None = told["seconds"]
    if file is None:
        return speechlike((told["seed"] or 0) * 2 + number, seconds=10.0 if seconds is None else seconds)
    sound = from_file(file)
    return sound if seconds is None else sound.lasting(min(seconds, sound.seconds))


def _presses(digits: str) -> tuple[Press, ...]:
    if not set(digits) <= set(EVENT_KEYS):
        raise BadRequest(f"Keys are of {EVENT_KEYS}; {digits!r} has others.", field="digits")
    return tuple(Press(at_s=_FIRST_KEY_S + number * _KEY_EVERY_S, key=key) for number, key in enumerate(digits))


def _crowd(plan: CallPlan, told: dict[str, Any]) -> None:
    def plan_of(number: int) -> CallPlan:
        return replace(plan, seed=None if plan.seed is None else plan.seed + number)

    reports = asyncio.run(place_all(plan_of, calls=told["calls"], per_second=told["rate"]))
    found = summary(reports)
    if told["json_wanted"]:
        print_json({**found, "reports": [each.plain() for each in reports if isinstance(each, CallReport)]})
        return
    statuses = ", ".join(f"{count} × {status}" for status, count in found["statuses"].items())
    click.echo(f"{found['calls']} calls: {statuses}; {found['packets']:,} packets")
    if found["setup_ms_median"] is not None:
        click.echo(f"set up in {found['setup_ms_median']} ms (median), {found['setup_ms_most']} ms at most")
    for failure in found["failures"][:5]:
        click.echo(f"failed: {failure}")


def _lines(report: CallReport, *, trace: bool) -> Sequence[str]:
    lines = (
        [f"{direction} {message.decode(errors='replace')}" for direction, message in report.messages] if trace else []
    )
    lines.append(f"{report.status} {report.reason} after {report.setup_ms:.1f} ms; Call-ID {report.call_id}")
    lines.append(
        f"recorded call {report.recorded_call}, style {report.style}, {report.seconds:.2f} s, ended: {report.ended}"
    )
    for stream in report.streams:
        codecs = ", ".join(stream.codecs) or "nothing"
        lines.append(
            f"stream {stream.number + 1}, label {stream.label}: {codecs}, {stream.packets} packets "
            f"({stream.lost} lost on purpose), {stream.seconds:.2f} s, port {stream.port} to {stream.to_port}, "
            f"SSRC {', '.join(f'{ssrc:08x}' for ssrc in stream.ssrcs) or '-'}, SHA-256 {stream.sha256}"
        )
    return [*lines, *(f"note: {note}" for note in report.notes)]


def _write(report: CallReport, path: Path) -> None:
    began_s = report.packets[0][0] if report.packets else 0.0
    packets = [(at_s - began_s, octets) for at_s, octets in report.packets]
    port = report.streams[0].port if report.streams else 0
    path.write_bytes(rtpdump.dump(packets, began_s=began_s, host="127.0.0.1", port=port))
