"""Every query of matching: the transaction first, domain values in and out."""
