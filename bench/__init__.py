"""Measures of Hecha: gold, invented reports in many layouts, speed. ``python -m bench`` runs them all."""
