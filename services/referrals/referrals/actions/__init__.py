"""What people ask ``referrals`` for, one function each, one file a noun."""
