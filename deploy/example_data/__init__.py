"""Makes ``deploy/example``: a consortium of the real eleven councils with agencies, homes and children that are all made up."""
