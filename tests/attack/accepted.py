"""What the judge may say of our interface without being right: one place, each with its reason. Everything else fails the run."""

ACCEPTED: dict[str, str] = {
    "RejectedPositiveData": "A schema says what a value looks like; whether that referral exists and is open, whose it is, "
    "and what the rules of placing say of it is no schema's to say. Such a request is refused with its reasons.",
    "AcceptedNegativeData": "A query parameter nobody knows is ignored, as HTTP caches and trackers add their own; "
    "a body's unknown field is refused.",
    "UnsupportedMethodResponse": "A method an address does not have is 405 there, and 404 where the router knows no such address at all.",
}
"""Kind of finding → why it is none."""

NEVER = ("ServerError", "UndefinedStatusCode", "UndefinedContentType", "MissingContentType", "JsonSchemaError", "IgnoredAuth")
"""Findings that no reason excuses: a fault, a status or a form that is not declared, a body that is not as declared, a door left open."""
