"""Bare addresses in words: what is not looked at for one holds none."""

from hypothesis import given
from hypothesis import strategies as st
from linkify_it import LinkifyIt

from newsletter.read.markdown import Addresses

ADDRESSES = Addresses()
PARTS = ("https:", "HTTP:", "httpſ:", "mailto:", "www.", "WwW.", "@", "//", "ftp:", "a", "b.org", ".", " ", "(", "…")


@given(st.lists(st.sampled_from(PARTS), max_size=8).map("".join))
def test_every_address_that_the_library_knows_is_found(text: str) -> None:
    assert ADDRESSES.test(text) == LinkifyIt.test(ADDRESSES, text)
    assert ADDRESSES.pretest(text) or not ADDRESSES.match(text)
