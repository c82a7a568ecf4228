"""Email -> files and messages: merge tags, the folder of a built issue, the .eml."""
