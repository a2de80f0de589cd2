"""Celery processes that audit what the store holds, and those that keep it in order. Thin shells over audits."""
