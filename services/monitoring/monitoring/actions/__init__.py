"""What people ask monitoring for: figures, savings, the one-page summary, and to keep a council's baseline prices."""
