"""files -> Newsroom: settings, items and front pages."""
