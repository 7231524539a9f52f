"""The pages: report with explorer, departures, seeds; what is published in docs/; the site made from it."""
