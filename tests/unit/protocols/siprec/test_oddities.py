"""Every oddity has a code that the operators' page explains."""

from __future__ import annotations

import re
from pathlib import Path

from callvault.capture.finishing import oddities as found
from callvault.protocols.siprec.oddities import SENTENCES, listed, odd

PAGE = (Path(__file__).parents[4] / "docs" / "siprec.md").read_text(encoding="utf-8")


def test_the_operators_page_has_every_code_and_no_other() -> None:
    table = PAGE.partition("## What is told of a client")[2].partition("\nMore are found when the call is finished")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}
    assert told - {"sip"} == set(SENTENCES), "sip is the door's own, for messages"


def test_the_page_has_every_code_of_what_is_found_when_a_call_is_finished() -> None:
    table = PAGE.partition("\nMore are found when the call is finished")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)} == set(found.SENTENCES)


def test_every_sentence_is_one_sentence() -> None:
    words = dict.fromkeys(("line", "label", "labels", "why", "person", "said", "cname", "namespace", "right"), "x")
    for code in SENTENCES:
        sentence = odd(code, **words, before=1, now=2, ours=4, theirs=6).sentence
        assert sentence[0].isupper()
        assert sentence.endswith((".", "x"))


def test_labels_are_listed_as_people_do() -> None:
    assert listed([]) == "none"
    assert listed(["1"]) == "1"
    assert listed(["1", "2"]) == "1 and 2"
    assert listed(["1", "2", "3"]) == "1, 2 and 3"
