"""Foreign files and web pages -> drafts of items: tables, calendars, feeds, documents, pages."""
