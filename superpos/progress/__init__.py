"""What the user sees of jobs: estimated times, the running line, the summary of a plan."""
