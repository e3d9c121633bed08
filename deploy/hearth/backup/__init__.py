"""``hearth backup``: every database at one instant into a folder, and back again, proved. See docs/backup.md."""
