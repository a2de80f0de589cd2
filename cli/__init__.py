"""The ``hecha`` command. Thin shells: every command calls a function of the rooms below."""
