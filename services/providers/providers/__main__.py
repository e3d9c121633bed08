"""``python -m providers api | consume | relay | migrate``."""

from providers.app import SERVICE
from shared import service

service.main(SERVICE)
