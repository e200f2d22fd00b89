"""``callvault call`` refuses what makes no sense before it calls anybody."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from callvault.caller.styles.registry import STYLES
from callvault.cli.main import main


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["archive:5060"], "'archive:5060' is no SIP URI"),
        (["sip:127.0.0.1", "--digits", "1E"], "'1E' has others"),
        (["sip:127.0.0.1", "--tones", "1E"], "'1E' has others"),
        (["sip:127.0.0.1", "--user", "border"], "both, --user and --password"),
        (["sip:127.0.0.1", "--style", "asterisk"], "'asterisk' is not one of"),
        (["sip:127.0.0.1", "--loss", "2"], "2.0 is not in the range"),
        (["sip:127.0.0.1", "--srtp-mki", "4"], "--srtp-mki takes --srtp"),
        (["sip:127.0.0.1", "--srtp", "--change-key", "1"], "give --srtp-mki too"),
        (["sip:127.0.0.1", "--srtp", "--srtp-mki", "129"], "129 is not in the range"),
        (["sip:127.0.0.1;transport=sctp"], "no transport 'sctp'"),
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str], says: str) -> None:
    done = CliRunner().invoke(main, ["call", *words])
    assert done.exit_code != 0
    assert says in done.output


def test_the_help_tells_every_style() -> None:
    said = CliRunner().invoke(main, ["call", "--help"]).output
    assert all(name in said for name in STYLES)
