"""Who may do what: accounts, sessions, tokens, roles, limits, settings, and the log of actions.

Knows no web and no command line. ``Access(store)`` holds all of it, on the store's database.
"""
