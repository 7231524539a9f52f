"""What a person sees while jobs run: estimates, the running line, the summary of a plan."""
