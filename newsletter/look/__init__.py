"""Issue, Cover -> Email: templates, MJML, pictures."""
