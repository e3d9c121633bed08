"""The kit every Hearth service is built with: plumbing only, no placement rule.

Sign-in, tenancy, events in and out, problems, pages, health and logs live here once. What a word of the field *means* is
decided in each service's own ``domain``.
"""
