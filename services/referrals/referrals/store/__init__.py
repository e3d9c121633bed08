"""Every query of ``referrals``, one file a noun, and the vault that seals who a child is before it reaches a table."""
