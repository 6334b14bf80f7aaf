"""What every test can ask for. Tests of the pages and of the browser have their own beside them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

CHECKOUT = Path(__file__).parent.parent

# The same examples on every run and every machine, and none of them timed.
settings.register_profile("same_everywhere", derandomize=True, deadline=None)
settings.load_profile("same_everywhere")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds the project."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared() -> Path | None:
    """The folder `shared` beside the checkout, with the real letter that the project does not carry.

    None where it is not there: the test then has nothing to compare with and returns. In continuous
    integration it must be there.
    """
    folder = CHECKOUT.parent / "shared"
    if folder.is_dir():
        return folder
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail("continuous integration needs the folder `shared` beside the checkout")
    return None
