from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.people import Office, office


@pytest.fixture(name="office")
def new_office(tmp_path: Path) -> Office:
    return office(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """One office for many tests that change nothing in it."""
    return office(tmp_path_factory.mktemp("office"))
