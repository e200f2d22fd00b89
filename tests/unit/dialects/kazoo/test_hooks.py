"""Under which rules Kazoo's notices go out."""

from __future__ import annotations

from dataclasses import replace

from callvault.dialects.kazoo.hooks import cluster_id, rules
from callvault.model.hook import Failure
from callvault.model.notice import Outcome
from tests.unit.dialects.tellings import TERMS, hook


def test_only_200_is_success_and_everything_else_is_tried_again() -> None:
    told = rules(hook("kazoo"))
    assert told.success(Outcome(status=200))
    for outcome in (Outcome(status=201), Outcome(status=404), Outcome(failure=Failure.SILENT)):
        assert not told.success(outcome)
        assert told.again(outcome)


def test_it_is_retried_twice_or_as_often_as_the_hook_says() -> None:
    assert len(rules(hook("kazoo")).pauses_s) == 2
    assert len(rules(hook("kazoo", options={"retries": "0"})).pauses_s) == 0
    assert len(rules(hook("kazoo", options={"retries": "4"})).pauses_s) == 4


def test_the_cluster_is_the_houses() -> None:
    assert cluster_id(TERMS) == cluster_id(TERMS)
    assert cluster_id(TERMS) != cluster_id(replace(TERMS, base_url="https://other.example.net"))
