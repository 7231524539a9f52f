"""The commands of `python -m superpos`: a file each, found by its name.

Each has a docstring, whose first line is its help; `arguments(parser)`, which adds its options; and
`run(arguments)`, which returns the exit code. What a person can do wrong is a ValueError or an
OSError with a message of one line.
"""
