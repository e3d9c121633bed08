"""``monitoring`` publishes nothing yet: it only listens."""
