"""What people ask of matching, one function each."""
