"""The command line: the commands of `python -m superpos` and the options of the pipeline's scripts."""
