import gc
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core import event

from tangente.contactlog.passes import cache_folder, fold, gather
from tangente.contactlog.testing import from_rows
from tests.contactlog.strategies import contacts, examples


def customers_of(bucket):
    return bucket.contacts["customer"]


@examples
@given(contacts(), st.integers(1, 8), st.integers(1, 9))
def test_fold_visits_every_bucket_once(rows, buckets, threads):
    log = from_rows(rows, [], buckets=buckets)

    def visit(summary, bucket):
        summary += (1, len(customers_of(bucket)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "cpu_count", lambda: threads)
        patch.setattr("tangente.contactlog.passes.FEW_ROWS", 0)
        total = fold(log, lambda: np.zeros(2, int), visit)
    assert total.tolist() == [buckets, len(rows)]


@examples
@given(contacts(), st.integers(1, 5))
def test_gather_keeps_the_order_of_the_buckets(rows, buckets):
    log = from_rows(rows, [], buckets=buckets)
    assert gather(log, lambda bucket: len(customers_of(bucket))) == [len(customers_of(b)) for b in log.buckets()]


@pytest.mark.parametrize(("few_rows", "cells", "summaries"), [(1, 1, 1), (0, 1, 3), (0, 1 << 23, 3), (0, 1 << 24, 2)])
def test_fold_keeps_few_summaries_of_small_logs_and_of_large_answers(monkeypatch, few_rows, cells, summaries):
    started = []

    def start():
        started.append(np.zeros(cells))
        return started[-1]

    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    monkeypatch.setattr("tangente.contactlog.passes.FEW_ROWS", few_rows)
    fold(from_rows([], [], buckets=3), start, lambda summary, bucket: None)
    assert len(started) == summaries


def test_fold_raises_what_a_visit_raises():
    def visit(summary, bucket):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fold(from_rows([], [], buckets=3), lambda: 0, visit)


def test_cache_folder_lies_in_the_user_s_cache_and_names_the_state_of_the_code(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = cache_folder()
    assert (folder.parent, folder.is_dir(), cache_folder()) == (tmp_path / "tangente", True, folder)


def test_cache_folder_is_another_one_when_bounds_are_checked(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    unchecked = cache_folder()
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "1")
    assert cache_folder() != unchecked


def test_cache_folder_is_private_where_there_is_no_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = cache_folder()
    assert (folder.parent, folder.stat().st_mode & 0o777) == (tmp_path, 0o700)


def test_no_garbage_is_collected_while_loops_compile_one_another():
    with event.trigger_event("numba:compile"):
        with event.trigger_event("numba:compile"):
            pass
        during = gc.isenabled()
    assert (during, gc.isenabled()) == (False, True)


def test_compiling_leaves_a_collector_that_is_off_as_it_is():
    gc.disable()
    try:
        with event.trigger_event("numba:compile"):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
