"""``python -m monitoring api | consume | relay | migrate``."""

from monitoring.app import SERVICE
from shared import service

service.main(SERVICE)
