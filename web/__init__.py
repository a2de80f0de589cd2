"""The pages supervisors use, and the JSON API.

Thin shells: they parse input, call audits/, access/ or sweeps/, and show the answer.
"""
