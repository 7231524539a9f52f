"""The pages: report with explorer, departures, seeds, and what is published in docs/."""
