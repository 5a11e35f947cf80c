"""Opening forms, within the three seconds in which Slack allows it."""

import asyncio
import logging
from collections import OrderedDict

from adapters.slack.interactions import remembered
from adapters.slack.team import Team
from adapters.slack.views import modal
from bot.errors import DeliveryError, DeliveryRefused, OutcomeUnknown
from bot.model.forms import Form
from bot.model.messages import ConversationRef, Quoted
from bot.texts import Texts

log = logging.getLogger(__name__)

OPENING = 2.5  # seconds in which a form must be open: the trigger is good for three
MOST_TRIGGERS = 1_000  # remembered; each is soon worth nothing


class Forms:
    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._triggers: OrderedDict[str, tuple[Team, ConversationRef]] = OrderedDict()

    def may_open(self, trigger: str, team: Team, conversation: ConversationRef) -> None:
        """Somebody pressed something there: with `trigger` a form can be opened."""
        self._triggers[trigger] = team, conversation
        if len(self._triggers) > MOST_TRIGGERS:
            self._triggers.popitem(last=False)

    async def open(self, trigger: str, form: Form, quoted: Quoted | None = None) -> None:
        """Raises a DeliveryError; OutcomeUnknown if the form may be open."""
        if trigger not in self._triggers:
            raise DeliveryRefused("the trigger is not known")
        team, conversation = self._triggers[trigger]
        close = self._texts.plain("slack.cancel", form.language)
        view = modal(form, remembered(form, conversation, quoted), close=close)
        try:
            async with asyncio.timeout(OPENING):
                await team.workspace.api.write("views.open", trigger_id=trigger, view=view)
        except TimeoutError as error:
            raise OutcomeUnknown("views.open: no answer in time") from error

    async def opened(self, trigger: str, form: Form, quoted: Quoted | None = None) -> bool:
        """Whether it is open, or may be."""
        try:
            await self.open(trigger, form, quoted)
        except OutcomeUnknown:
            log.warning("whether form %s was opened is not known", form.name)
        except DeliveryError as error:
            log.warning("form %s could not be opened: %s", form.name, error)
            return False
        return True
