"""Claims: what they are, which of them a run tests, and how they are judged."""
