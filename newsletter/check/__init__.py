"""Email -> Findings: rules, one file a kind of thing that they look at."""
