"""Sending notices to webhooks: the process ``python -m matching send``, and the check of an address before one is kept."""
