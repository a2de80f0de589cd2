"""What holds for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# How long an example takes, or is drawn, says how busy the machine is and not whether the answer is right. The examples are the
# same in every run, so that what passed here does not fail there by the luck of the draw; `pytest --hypothesis-profile exploring`
# draws new ones.
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("exploring", settings.get_profile("same"), derandomize=False)
settings.load_profile("same")
