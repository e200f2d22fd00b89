"""All styles by name."""

from __future__ import annotations

from callvault.caller.styles.audiocodes import AudioCodes
from callvault.caller.styles.avaya import Avaya
from callvault.caller.styles.broadworks import BroadWorks, BroadWorksMixed, Webex
from callvault.caller.styles.cube import Cube, CubeForking, CubeWithoutSiprec
from callvault.caller.styles.jambonz import Jambonz
from callvault.caller.styles.metaswitch import Metaswitch
from callvault.caller.styles.opensips import OpenSips
from callvault.caller.styles.oracle import Oracle
from callvault.caller.styles.rfc7865 import Rfc7865
from callvault.caller.styles.ribbon import Ribbon
from callvault.caller.styles.style import Style
from callvault.caller.styles.telnyx import Telnyx
from callvault.caller.styles.twilio import Twilio
from callvault.errors import BadRequest

_ALL: tuple[type[Style], ...] = (
    Rfc7865, OpenSips, BroadWorks, BroadWorksMixed, Webex, Metaswitch, Oracle, Avaya, Cube, CubeForking,
    CubeWithoutSiprec, AudioCodes, Ribbon, Telnyx, Twilio, Jambonz,
)  # fmt: skip

STYLES: dict[str, Style] = {kind.name: kind() for kind in _ALL}


def style_named(name: str) -> Style:
    """One style.

    Raises:
        BadRequest: there is none of that name.
    """
    if name not in STYLES:
        raise BadRequest(f"There is no style {name!r}; there are {', '.join(STYLES)}.")
    return STYLES[name]
