"""The savings ledger: what each placement cost against the councils' own former prices, split into why, exact to the penny."""
