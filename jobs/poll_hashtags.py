"""Ask platforms for what anybody posted with the hashtags that are watched."""

import logging
from collections.abc import Iterable

from bot.engine.receiving import Receiver
from bot.engine.services import Services
from bot.errors import DeliveryError
from bot.ports.adapters import ChatAdapter, WatchesHashtags

log = logging.getLogger(__name__)


async def poll_hashtags(services: Services, adapters: Iterable[ChatAdapter]) -> int:
    """Return how many posts were new. A server that does not answer is asked again at the next due time: the adapter
    says what is wrong with it, once. Raises StorageUnavailable."""
    inbox, new = Receiver(services.storage.inbox), 0
    for one in adapters:
        if isinstance(one, WatchesHashtags):
            try:
                new += await one.poll_hashtags(inbox)
            except DeliveryError as error:
                log.info("hashtags are asked for again: %s", error)
    return new
