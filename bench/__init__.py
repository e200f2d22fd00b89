"""The benchmarks: ``python -m bench`` prints every table, ``python -m bench NAME`` one.

What lives here: one module a table, each measuring against a limit in the same run, in alternating rounds, by medians.
What does not: anything that runs in CI.  What is measured, and how to read it, stands in ``docs/benchmarks.md``.
"""
