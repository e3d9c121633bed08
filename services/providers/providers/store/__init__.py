"""Every query of the providers service, one module a noun: the transaction first, domain values back."""
