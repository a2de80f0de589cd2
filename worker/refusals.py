"""What the virus scanner refuses while nobody is there to have handed it in goes into the log of actions from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from access import LOCAL, Access
from audits.store import Store
from audits.store.sweeping import Schedule
from reports_in.errors import Infected

SWEEPER = replace(LOCAL, name="巡查")


def entering(store: Store) -> Callable[[Schedule, Infected], None]:
    """For ``sweeps.run.do``."""
    log = Access(store).log

    def enter(schedule: Schedule, found: Infected) -> None:
        log.infected(SWEEPER, found, region=schedule.region, sweep=schedule.id, title=schedule.title)

    return enter
