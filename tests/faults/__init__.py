"""What breaks, and what holds: faults injected one at a time and together while many councils and agencies work (``make faults``).

A *ground* (:mod:`tests.faults.ground`) is Hearth as in production in small: every role of every service a process, a PostgreSQL for each
service, a RabbitMQ, all of its own. *Journeys* (:mod:`tests.faults.journeys`) are what people do meanwhile, drawn from a seed. Each
*kind* of fault (:mod:`tests.faults.kinds`) breaks something and says what must be seen. When all is healed and quiet, the *invariants*
(:mod:`tests.faults.invariants`) are looked for from the outside.
"""
