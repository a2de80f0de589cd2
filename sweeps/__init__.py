"""Sweeps (巡查): schedules that look at folders and published addresses again and again, and audit what changed."""
