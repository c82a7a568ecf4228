"""A built issue as people see it before it goes out: in the terminal, in the inbox, in the browser."""
