"""Sweeps keep their promises on both databases."""

from tests.audits.store.conftest import postgres, store, url

__all__ = ["postgres", "store", "url"]
