"""A recording session on a clock and with ports of the test's own, asked by what real clients send."""

from __future__ import annotations

from callvault.capture.gate import Opened, Opening
from callvault.capture.siprec.conversation import Agreed, Conversation
from callvault.capture.siprec.session import RecordingSession, Setting
from callvault.protocols.sdp.description import Description
from callvault.protocols.sip.message import Request, parse
from callvault.protocols.spool.journal import Attended, Flow, Flowed, Journal, Named, Odd, Record, StreamAgreed
from tests.unit.protocols.siprec.clients import FOLDER

HOST = "198.51.100.7"
SETTING = Setting(
    number=77,
    host=HOST,
    listen_host="0.0.0.0",
    seal=lambda keys: f"sealed {keys[0].suite}",
    entropy=lambda count: bytes(range(100, 100 + count)),
)


def request(client: str, name: str) -> Request:
    """A request from the golden files, as the door reads it."""
    read = parse((FOLDER / client / f"{name}.sip").read_bytes())
    assert isinstance(read, Request)
    return read


class Recorded:
    """One session, all that it has journalled, and its last answer."""

    def __init__(self, journal: Journal | None = None, setting: Setting = SETTING) -> None:
        self.session = RecordingSession(setting, journal)
        self.records: list[Record] = []
        self.openings: list[Opening] = []
        self.answer = Agreed()
        self.now_ns = 1_000

    def ask(self, asked: Request) -> Recorded:
        """Propose, open what is wanted, agree."""
        conversation: Conversation = self.session
        self.openings = [*conversation.propose(asked)]
        opened = {
            each.stream: Opened(stream=each.stream, port=20000 + 2 * each.stream, rtcp_port=20001 + 2 * each.stream)
            for each in self.openings
        }
        return self._take(conversation.agree(opened, self.now_ns))

    def acknowledge(self, asked: Request) -> Recorded:
        """The client's ACK."""
        return self._take(self.session.acknowledged(asked, self.now_ns))

    def _take(self, agreed: Agreed) -> Recorded:
        self.answer = agreed
        self.records += agreed.records
        self.now_ns += 1_000
        return self

    @property
    def described(self) -> Description:
        return Description.parse(self.answer.body)

    @property
    def streams(self) -> dict[int, StreamAgreed]:
        """The last word on each."""
        return {record.stream: record for record in self.records if isinstance(record, StreamAgreed)}

    @property
    def flows(self) -> dict[int, Flow]:
        return {record.stream: record.flow for record in self.records if isinstance(record, Flowed)}

    @property
    def voices(self) -> dict[str, tuple[int, ...]]:
        """Whose voice is on which lines, at the end."""
        attended = [record for record in self.records if isinstance(record, Attended)]
        return {each.address or "": each.sends for each in attended[-1].participants} if attended else {}

    @property
    def codes(self) -> set[str]:
        return {record.code for record in self.records if isinstance(record, Odd)}

    @property
    def named(self) -> list[Named]:
        return [record for record in self.records if isinstance(record, Named)]
