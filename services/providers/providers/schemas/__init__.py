"""Request and reply bodies: checked at the border, turned into domain values and back."""
