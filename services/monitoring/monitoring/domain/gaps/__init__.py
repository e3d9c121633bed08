"""Where carers must be recruited: needs nobody answered, answered late or only from afar, against the beds that were free then."""
