"""``hearth doctor``: what is wrong with a running Hearth, in words, and what to do about it."""
