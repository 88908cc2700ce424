"""What no answer may depend on: buckets, threads, the order of the rows."""

import os
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog.passes import Threads
from tangente.contactlog.testing import START, from_rows
from tests.contactlog.questions import QUESTIONS
from tests.contactlog.strategies import contacts, examples, ratings, sixty_customers

log_of = cache(lambda buckets: from_rows(*sixty_customers(), buckets=buckets))
every_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())


@every_question
@pytest.mark.parametrize("buckets", [2, 7])
def test_answer_is_the_same_for_any_number_of_buckets(question, buckets):
    assert question(log_of(buckets)) == question(log_of(1))


@every_question
@pytest.mark.parametrize("threads", [1, 3, 7])
def test_answer_is_the_same_for_any_number_of_threads(question, threads, monkeypatch):
    expected = question(log_of(1))
    monkeypatch.setattr(os, "cpu_count", lambda: threads)
    monkeypatch.setattr("tangente.contactlog.passes.FEW_ROWS", 0)
    assert question(log_of(7)) == expected


class Elsewhere(Threads):
    """An engine that has the buckets of a log; who asks has none."""

    def __init__(self, log):
        self.log = log

    def fold(self, log, start, visit):
        return super().fold(replace(log, stored=self.log.stored), start, visit)

    def gather(self, log, visit):
        return super().gather(replace(log, stored=self.log.stored), visit)


@every_question
def test_answer_is_the_same_where_the_buckets_are_elsewhere(question):
    here = log_of(2)
    assert question(replace(here, stored=[None, None], engine=Elsewhere(here))) == question(here)


@every_question
def test_answer_is_the_same_for_any_size_of_pieces(question, monkeypatch):
    expected = question(log_of(2))
    monkeypatch.setattr("tangente.contactlog.passes.PIECE", 3)
    assert question(log_of(2)) == expected


@examples
@given(contacts(), ratings(), st.randoms(use_true_random=False))
def test_answers_are_the_same_for_any_order_of_the_rows(met, said, order):
    log = from_rows(met, said)
    shuffled = from_rows(sorted(met, key=lambda _: order.random()), sorted(said, key=lambda _: order.random()))
    assert {name: ask(shuffled) for name, ask in QUESTIONS.items()} == {
        name: ask(log) for name, ask in QUESTIONS.items()
    }


@every_question
def test_answer_is_the_same_for_any_order_of_ties_without_sequence(question):
    at = {"customer_id": "anna", "occurred_at": START, "sequence": 0}
    rows = [at | {"touchpoint": name, "unit": unit, "role": role} for name in "ab" for unit in "XY" for role in "rs"]
    assert question(from_rows(rows, [])) == question(from_rows(rows[::-1], []))


def test_ties_are_ordered_by_the_sequence_mapped():
    row = {"customer_id": "anna", "occurred_at": START}
    rows = [row | {"touchpoint": "shop", "sequence": 2}, row | {"touchpoint": "ad", "sequence": 1}]
    assert QUESTIONS["collapsed variants"](from_rows(rows, []))[0]["path"] == ["ad", "shop"]


def test_ties_without_sequence_stay_in_the_order_of_the_file():
    row = {"customer_id": "anna", "occurred_at": START}
    rows = [row | {"touchpoint": "shop"}, row | {"touchpoint": "ad"}]
    assert QUESTIONS["variants"](from_rows(rows, []))[0][0]["path"] == ["shop", "ad"]
