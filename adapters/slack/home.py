"""The App Home: what somebody's tickets stand at, and a box to ask in."""

import asyncio
import json
import logging
from collections import OrderedDict

from adapters.slack.ids import is_person
from adapters.slack.team import Team
from adapters.slack.views import AskBox, home
from bot.errors import DeliveryError, StorageError
from bot.model.messages import ConversationRef
from bot.model.values import Audience
from bot.ports.adapters import Reception
from bot.texts import Texts

log = logging.getLogger(__name__)

MOST_BOXES = 5_000  # people of whom it is remembered that they asked there
MOST_SEEN = 5_000  # people of whom it is remembered that they looked there
NEWS_AFTER = 1.0  # seconds, in which more may come of the same event


class Homes:
    """Shows people their App Home, one view of a person at a time. `page`: the address of the web page, if any."""

    def __init__(self, reception: Reception, texts: Texts, page: str = "") -> None:
        self._reception = reception
        self._texts = texts
        self._page = page
        self._boxes: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._shown: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._again: set[tuple[str, str]] = set()
        self._seen: OrderedDict[tuple[str, str], int] = OrderedDict()  # what stands there, as a hash
        self._looks: set[asyncio.Task[None]] = set()

    def show(self, team: Team, user: str, *, after: float = 0.0, anyway: bool = True) -> None:
        """Soon, and once for all who wish it meanwhile. Returns at once. `after`: seconds. Unless `anyway`, only if it
        has changed since it was last shown."""
        key = team.workspace.account, user
        if key in self._shown:
            self._again.add(key)
            return
        task = asyncio.create_task(self._show(team, user, after, anyway))
        self._shown[key] = task
        task.add_done_callback(lambda _: self._over(team, user))

    def asked(self, team: Team, user: str) -> None:
        """A question was sent: the box is empty again, and what is below it new."""
        key = team.workspace.account, user
        self._boxes[key] = self._boxes.pop(key, 0) + 1
        if len(self._boxes) > MOST_BOXES:
            self._boxes.popitem(last=False)
        self.show(team, user)

    def news(self, team: Team, conversation: ConversationRef) -> None:
        """Something was said there: the home of whose matter it is shows it, if they ever looked at theirs. Returns at
        once."""
        if is_person(conversation.room):
            self._renew(team, conversation.room)
        elif self._seen and conversation.thread:
            task = asyncio.create_task(self._renew_of(team, conversation))
            self._looks.add(task)
            task.add_done_callback(self._looks.discard)

    async def _renew_of(self, team: Team, conversation: ConversationRef) -> None:
        try:
            if user := await self._reception.whose(conversation):
                self._renew(team, user)
        except StorageError as error:
            log.info("whose home has news cannot be told: %s", error)

    def _renew(self, team: Team, user: str) -> None:
        if (team.workspace.account, user) in self._seen:
            self.show(team, user, after=NEWS_AFTER, anyway=False)

    async def close(self) -> None:
        self._again.clear()
        tasks = [*self._shown.values(), *self._looks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _over(self, team: Team, user: str) -> None:
        key = team.workspace.account, user
        del self._shown[key]
        if key in self._again:
            self._again.discard(key)
            self.show(team, user)

    async def _show(self, team: Team, user: str, after: float, anyway: bool) -> None:
        await asyncio.sleep(after)
        try:
            profile = await team.people.get(user)
            author = profile.identity(team.workspace.account)
            language = await self._reception.language_of(author)
            audience = Audience.INTERNAL if profile.member else Audience.PUBLIC
            document = await self._reception.home(author, audience)
            say = self._texts.plain
            box = AskBox(
                say("slack.ask_label", language),
                say("slack.ask_placeholder", language),
                say("slack.ask_send", language),
                str(self._boxes.get((team.workspace.account, user), 0)),
            )
            view = home(document, box, language=language, say=self._texts, page=self._page)
            stands = hash(json.dumps(view, sort_keys=True))
            if not anyway and self._seen.get((team.workspace.account, user)) == stands:
                return
            await team.workspace.api.write("views.publish", user_id=user, view=view)
            self._seen[team.workspace.account, user] = stands
            if len(self._seen) > MOST_SEEN:
                self._seen.popitem(last=False)
        except (DeliveryError, StorageError) as error:
            log.warning("the home of %s could not be shown: %s", user, error)
