"""Reading under the caller's own row security, as figures are read: planned for what is asked, a month or years."""

from __future__ import annotations

from functools import partial

from shared import reading as shared_reading

reading = partial(shared_reading.reading, planned_anew=True)
"""As :func:`shared.reading.reading`."""
