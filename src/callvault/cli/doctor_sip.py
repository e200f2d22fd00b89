"""``callvault doctor sip``: whether calls can come in, what a trunk would be answered, and why calls were refused."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import Any

import click

from callvault.capture.siprec.admission import Admission, Caller, Challenged
from callvault.capture.siprec.ping import ping
from callvault.capture.siprec.places import Place, read_places
from callvault.capture.siprec.refusals import read_refusals
from callvault.capture.trunks.table import TrunkTable
from callvault.cli.house import as_json, print_json, run_with_vault, with_settings
from callvault.cli.trunk import describe
from callvault.errors import BadRequest, HouseError, NotAllowed
from callvault.protocols.sip.flow import Flow, Transport
from callvault.protocols.sip.message import Request
from callvault.protocols.sip.replies import is_numeric
from callvault.server.capture.places import spool_folder
from callvault.server.settings import Settings
from callvault.vault.trunks import digests_of
from callvault.vault.vault import Vault

SHOWN = 20
"""Refusals, the newest first."""


@click.command("sip")
@click.option("--peer", default=None, metavar="ADDRESS", help="Say what a call from this address would be answered.")
@click.option("--certificate", default=None, metavar="NAME", help="The same, with this name in its TLS certificate.")
@as_json
@with_settings("sip_listen", "database")
def doctor_sip(
    settings: Settings,
    peer: str | None,
    certificate: str | None,
    json_wanted: bool,  # noqa: FBT001
) -> None:
    """Ask every place that calls come in at, say whom it admits, and why calls were refused lately."""
    if peer is not None and not is_numeric(peer):
        raise BadRequest(f"{peer!r} is no address; write it as 192.0.2.7 or 2001:db8::7.", field="peer")
    found = run_with_vault(settings, lambda vault: _examine(settings, vault, peer, certificate))
    if json_wanted:
        print_json(found)
    else:
        _tell(found)
    if not all(place["good"] for place in found["places"]):
        raise SystemExit(1)


async def _examine(settings: Settings, vault: Vault, peer: str | None, certificate: str | None) -> dict[str, Any]:
    table = TrunkTable(lambda trunk: digests_of(trunk, vault.secrets))
    await table.refresh(vault.catalogue)
    places = read_places(settings["sip_listen"])
    refusals = read_refusals(spool_folder(settings) / "refusals.jsonl")
    return {
        "places": [await _ask(place) for place in places],
        "trunks": [describe(trunk) for trunk in table.trunks],
        "answer": _answer(Admission(table, secrets.token_bytes(32)), peer, certificate) if peer is not None else None,
        "refusals": [
            {
                "at": datetime.fromtimestamp(each.at_ns // 1_000_000_000, UTC).isoformat(),
                "peer": each.peer,
                "status": each.status,
                "sentence": each.sentence,
                "call_id": each.call_id,
                "from": each.from_,
            }
            for each in reversed(refusals[-SHOWN:])
        ],
    }


async def _ask(place: Place) -> dict[str, Any]:
    try:
        answer = await ping(place, secrets.token_hex(12))
    except HouseError as error:
        return {"place": str(place), "good": False, "says": str(error)}
    return {"place": str(place), "good": answer.status == 200, "says": f"answers {answer.status} {answer.reason}"}


def _answer(admission: Admission, peer: str, certificate: str | None) -> str:
    transport = Transport.TLS if certificate else Transport.UDP
    flow = Flow(transport=transport, host=peer, port=transport.default_port, local_host=peer, local_port=0)
    caller = Caller(
        request=Request(method="INVITE", uri="sip:recorder"), flow=flow, names=(certificate,) if certificate else ()
    )
    try:
        trunk = admission.admit(caller, time.time())
    except Challenged:
        return "It would be asked for a password (401), and admitted with that of one of the trunks above."
    except NotAllowed as error:
        return f"It would be refused (403): {error}"
    return f"It would be admitted as a call of the trunk {trunk.name}."


def _tell(found: dict[str, Any]) -> None:
    if not found["places"]:
        click.echo("No calls come in: the setting sip_listen names no place.")
    for place in found["places"]:
        click.echo(f"{'good' if place['good'] else 'BAD ':<5} {place['place']:<28} {place['says']}")
    for trunk in found["trunks"]:
        proofs = [
            *([f"from {', '.join(trunk['networks'])}"] if trunk["networks"] else []),
            *([f"with the password of {trunk['username']}"] if trunk["username"] else []),
            *([f"with the certificate of {trunk['certificate']}"] if trunk["certificate"] else []),
        ]
        click.echo(f"trunk {trunk['name']:<27} {' and '.join(proofs)}")
    if not found["trunks"]:
        click.echo("No trunk is known, so every call is refused (403); callvault trunk add makes one.")
    if found["answer"] is not None:
        click.echo(found["answer"])
    for refusal in found["refusals"]:
        click.echo(f"{refusal['at']} {refusal['status']} {refusal['peer']}: {refusal['sentence']}")
    if not found["refusals"]:
        click.echo("No call was refused lately.")
