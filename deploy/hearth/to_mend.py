"""What a person has to mend before a command can do its work."""


class ToMendError(Exception):
    """Says what is wrong and what to do about it: a command prints just that, and ends with 1."""
