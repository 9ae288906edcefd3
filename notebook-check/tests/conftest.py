"""What several tests of the check have in common."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def settings_are_kept() -> Iterator[None]:
    """Let a test draw without a screen, change none of Matplotlib's settings, leave no figure."""
    import matplotlib
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    before = dict(matplotlib.rcParams)
    yield
    assert dict(matplotlib.rcParams) == before
    plt.close("all")
