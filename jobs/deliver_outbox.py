"""Deliver what an immediate delivery missed, and look into deliveries whose outcome nobody knows."""

import logging

from bot.engine.delivery import Deliverer
from bot.ports.storage import Storage

log = logging.getLogger(__name__)


async def deliver_outbox(storage: Storage, deliverer: Deliverer) -> int:
    """What a dead process left `sending` becomes unknown; then everything due is delivered. Returns how many."""
    if expired := await storage.outbox.expire():
        log.warning("%d deliveries were left without an outcome", expired)
    delivered = 0
    while served := await deliverer.deliver_due():
        delivered += served
    return delivered
