"""Pure rules of matching: who could take a child, how well it fits, in which order, what may be chosen and why not."""
