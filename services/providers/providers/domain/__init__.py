"""Pure rules of the providers service: values in, values and named reasons out; no clock, no database, no HTTP."""
