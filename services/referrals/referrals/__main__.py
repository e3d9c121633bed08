"""``python -m referrals api | consume | relay | migrate``."""

from referrals.app import SERVICE
from shared import service

if __name__ == "__main__":
    service.main(SERVICE)
