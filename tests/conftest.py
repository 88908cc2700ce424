"""Fixtures that more than one folder of tests needs."""

import signal
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("full", deadline=None)  # machines are shared: a slow example says nothing about our code
settings.register_profile("quick", max_examples=10, deadline=None)  # of `make quick`
settings.load_profile("full")

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it starts in the background ignore Ctrl-C

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the checkout."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside the checkout")
    return folder
