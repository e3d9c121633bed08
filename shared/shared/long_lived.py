"""What lives as long as the process is taken out of the garbage collector's rounds once it is there.

A service's routes, models and tables are a quarter of a million objects that never become garbage. Now and then the collector walks all
it knows, and for a tenth of a second (half of one on a busy machine) nobody is answered and no event is carried.
"""

import gc

MADE_BEFORE_A_LOOK = 10_000
"""Objects that may be garbage in rings before the collector looks at the youngest: some two megabytes. Python's 700 are made by a page of
figures in a millisecond; of its time an eighth was looking at what it still used."""


def set_aside() -> None:
    """Call once a process has loaded what it serves with: the collector looks only at what is made afterwards, and less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(MADE_BEFORE_A_LOOK, *gc.get_threshold()[1:])
