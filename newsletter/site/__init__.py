"""Issues -> web pages: the organization's public page of all that went out."""
