"""Invented reports: a filing of ours, printed in many layouts and formats, with what must be read back.

invent.py    consistent figures and prose of a fictional agency
page.py      the report as a clerk sees it: titles, prose and grids of merged cells
damage.py    what dumps and converters do to a page; what is left on the page is what must be read
formats/     one writer per file format: page in, bytes out
layouts.py   the table of layouts: damages and a writer with its settings
defects.py   faults planted at known places, with the findings they must give
"""
