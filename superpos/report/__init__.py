"""The pages that a reader sees: report, explorer, departures, seeds, published pictures."""
