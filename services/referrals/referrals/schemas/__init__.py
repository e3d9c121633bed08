"""Request and response bodies of ``referrals``, one file a noun. Unknown fields are refused: a misspelt one must not be lost."""
