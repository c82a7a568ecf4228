"""Newsroom -> Issue, Cover: which items, in which order, under which words."""
