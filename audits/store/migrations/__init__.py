"""How one version's tables become the next one's. Alembic runs env.py, which runs what is missing of versions/.

A migration never imports tables.py: it says for ever what it said when it was written.
"""
