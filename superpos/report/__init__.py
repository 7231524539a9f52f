"""The pages: report with explorer, departures, seeds; what is published in docs/, and the site made from it."""
