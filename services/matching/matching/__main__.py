"""``python -m matching api | consume | relay | send | migrate``."""

from matching.app import SERVICE
from shared import service

if __name__ == "__main__":
    service.main(SERVICE)
