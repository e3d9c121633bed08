"""What lives as long as the process is taken out of the garbage collector's rounds once it is there.

A service's routes, models and tables are a quarter of a million objects that never become garbage. Now and then the collector walks all
it knows, and for a tenth of a second (half of one on a busy machine) nobody is answered and no event is carried.
"""

import gc


def set_aside() -> None:
    """Call once a process has loaded what it serves with: the collector looks only at what is made afterwards."""
    gc.collect()
    gc.freeze()
