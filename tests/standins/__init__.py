"""Providers that stand on loopback for the real ones: strict about fields, with their traps, and with moods."""
