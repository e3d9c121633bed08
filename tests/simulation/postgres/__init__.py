"""A modelled PostgreSQL: the services' own statements, read by PostgreSQL's own parser and run over rows in memory.

What is modelled is what the services lean on: transactions that commit whole or not at all, READ COMMITTED with guarded updates that wait
for a locked row and look again, unique keys and ON CONFLICT, advisory locks, deadlocks found, row security and constraints as the
migrations write them. A statement it does not know is refused by name, never guessed.
"""
