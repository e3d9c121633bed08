"""What people ask of the providers service, one function each; the caller's transaction first."""
