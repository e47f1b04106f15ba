"""Measurements: `make bench` runs them all and writes docs/benchmarks.md.

Speed is measured here and asserted nowhere: a figure depends on the machine, a ratio within one run
does not.
"""
