"""Investigations: one thing is changed, predicted, run, and held against a table of the same with several seeds."""
