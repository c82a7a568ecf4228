"""Delivery -> a draft that waits at the provider; a person sends it there.

`shapes` holds the nouns, a file a provider how its requests are made (pure: nothing is asked there), `account` the one
function that asks, `decisions` what is to be done for an issue and what is refused, `desk` does it and writes it down.
"""
