"""The commands of `python -m superpos`, one file each, found by name.

Each file has a docstring whose first line is its help, `arguments(parser)`, which adds its options,
and `run(arguments)`, which returns the exit code. A user's mistake raises a ValueError or an
OSError with a one-line message.
"""
