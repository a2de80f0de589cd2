"""What is generated for a whole batch: it takes minutes for thousands of reports, so a process of its own makes it.

folder.py   where it is kept for a day, and what is told of it meanwhile.
making.py   the process; ``start`` begins one.
"""
