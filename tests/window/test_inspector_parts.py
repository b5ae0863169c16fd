"""The numbers of a panel."""

import numpy as np
import pytest

from pongarena.window.inspector_parts import SteadyScale, signed


def test_scale_and_signs():
    steady = SteadyScale()
    assert steady.apply(np.array([2.0, 1.0], np.float32)).max() == 1
    assert steady.apply(np.array([1.0], np.float32)).max() == pytest.approx(0.5, abs=0.01)
    assert [signed(x) for x in (1.234, -0.5, 0.0, -0.001)] == ["+1.23", "−0.50", "0.00", "0.00"]
