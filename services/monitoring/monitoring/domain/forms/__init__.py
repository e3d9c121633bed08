"""The forms that agencies return: data, and what reads it."""
