"""The same homes and processes as the short tests have."""

from tests.engine.conftest import sampled_home as sampled_home
from tests.ledger.conftest import nursery as nursery
