"""Returns of agencies: periods, lines, what is filled in already, the rules, differences, chasers. Pure."""
