"""A believable past: what eleven councils and their agencies might have done in the last years, as the events that would have told of it.

``history.past`` is pure: the same consortium, plan and seed give the same bytes. ``run`` reads the consortium from a running Hearth and
brings the past in by the documented door (docs/past-facts.md).
"""
