"""Measures Hearth beside what the machine can do at best: ``make bench`` prints it and writes docs/benchmarks.md.

A figure that two runs would disagree on is useless on a shared machine, so what counts is the ratio of two things measured
in turn in the same run.
"""
