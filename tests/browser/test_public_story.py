"""From a complaint in public to an answer in private: Mastodon, Slack and a phone in front of one running desk.

GUICHET_PICTURES=FOLDER keeps pictures of what was on the phone, and what everybody read, there.
"""

import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.model.values import Language
from bot.texts import Texts
from tests.browser.visitor import Visitor
from tests.fakes.mastodon import FakeMastodon
from tests.fakes.mastodon import Person as Author
from tests.fakes.ports import free_port
from tests.fakes.slack import Channel, FakeSlack, Person, Seen
from tests.ledger.guichet import Guichet

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
PATIENCE = 90.0  # seconds for what comes of one step, on a machine that has much to do
WORDS = {
    Language.EN: "Disappointed: the Acme app keeps logging me out since the update. #acme",
    Language.FR: "Déçue : l’appli Acme me déconnecte sans arrêt depuis la mise à jour. #acme",
}
HELP = {
    Language.EN: "It logs me out every five minutes on my Pixel 7",
    Language.FR: "Elle me déconnecte toutes les cinq minutes sur mon Pixel 7",
}
HUMAN = {Language.EN: "I want to talk to a human", Language.FR: "Je veux parler à quelqu’un"}
ANSWER = {
    Language.EN: "We have reset your sessions, please sign in once more.",
    Language.FR: "Vos sessions sont réinitialisées, connectez-vous encore une fois.",
}
MORE = {Language.EN: "It works again, thank you!", Language.FR: "Ça remarche, merci !"}


@dataclass
class Story:
    mastodon: FakeMastodon
    slack: FakeSlack
    author: Author
    grace: Person
    desk: Channel
    browser: Browser
    address: str
    language: Language
    texts: Texts
    stack: AsyncExitStack
    pictures: Path | None

    def say(self, key: str) -> str:
        return self.texts.plain(key, self.language)

    async def on_a_phone(self, path: str) -> Visitor:
        locale = {Language.EN: "en-GB", Language.FR: "fr-FR"}[self.language]
        context = await self.browser.new_context(**PHONE, locale=locale)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE * 1000)
        self.stack.push_async_callback(context.close)
        visitor = Visitor(context, self.address)
        await visitor.opens(path)
        self.stack.callback(visitor.has_nothing_to_complain_about)
        return visitor

    async def picture(self, visitor: Visitor, name: str) -> None:
        await visitor.has_no_sideways_scroll()
        if self.pictures:
            await visitor.page.screenshot(path=self.pictures / f"{name}.{self.language}.png", full_page=True)

    async def card(self, words: str, button: str) -> Seen:
        def look() -> list[Seen]:
            cards = self.slack.messages(self.desk, by_bot=True)
            return [one for one in cards if words in one.text and self.say(f"button.{button}") in one.buttons]

        found: list[Seen] = await self.slack.until(look, PATIENCE)
        return found[-1]

    async def told_directly(self, pattern: str, after: int = 0) -> str:
        def look() -> list[str]:
            told = [one.text for one in self.mastodon.posts() if one.visibility == "direct"][after:]
            return [found for text in told for found in re.findall(pattern, text)]

        found: list[str] = await self.mastodon.until(look, PATIENCE, f"a direct message with {pattern}")
        return found[-1]

    @property
    def public(self) -> list[Any]:
        return [one for one in self.mastodon.posts() if one.visibility != "direct"]


@pytest_asyncio.fixture(params=list(Language), ids=str, loop_scope="session")
async def story(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> AsyncIterator[Story]:
    language: Language = request.param
    pictures = Path(os.environ["GUICHET_PICTURES"]) if os.environ.get("GUICHET_PICTURES") else None
    async with AsyncExitStack() as stack:
        mastodon, slack = FakeMastodon(), FakeSlack()
        await stack.enter_async_context(mastodon.running())
        await stack.enter_async_context(slack.running())
        locale = {Language.EN: "en-GB", Language.FR: "fr-FR"}[language]
        grace = slack.person("Grace Hopper", email="grace@acme.example", locale=locale, tz="Europe/Paris")
        desk = slack.channel("support-desk", [grace])
        address = f"http://127.0.0.1:{(port := free_port())}"
        settings = {
            "WEB_PORT": str(port),
            "PUBLIC_URL": address,
            "WEB_REQUESTS_PER_MINUTE": "10000",
            "DESK_LANGUAGE": str(language),
            "ALLOW_SAMPLES": "true",
            "TECHNICIANS": "grace@acme.example=lead",
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "SLACK_DESK_CHANNEL": "support-desk",
            "MASTODON_URL": mastodon.url,
            "MASTODON_TOKEN": mastodon.token,
            "MASTODON_HASHTAGS": "acme",
            "MASTODON_POLL_SECONDS": "0.5",
            "CONTACT_AWAY_SECONDS": "1",
            "CONTACT_TELL_MINUTES": "0",
        }
        process = Guichet(
            tmp_path / "home", "run", "--no-console", settings={f"GUICHET_{k}": v for k, v in settings.items()}
        )
        stack.enter_context(process)
        looks = "GET /api/v1/timelines/tag/{tag}"
        stack.callback(lambda: print("\n".join(process.err[-30:])))
        await mastodon.until(lambda: mastodon.called(looks), PATIENCE, "a look at #acme")
        await slack.until(lambda: slack.sockets.connected, PATIENCE)
        author = mastodon.person("ada@elsewhere.example", language=str(language))
        author.becomes(display_name="Ada Lovelace")
        told = Story(
            mastodon, slack, author, grace, desk, browser, address, language, Texts.load(None), stack, pictures
        )
        try:
            yield told
        finally:
            record = f"{mastodon.transcript()}\n\n{slack.transcript()}"
            print(record)
            if pictures:
                (pictures / f"story.{language}.txt").write_text(record, encoding="utf-8")


async def test_from_a_complaint_in_public_to_an_answer_in_private(story: Story) -> None:
    language, say = story.language, story.say
    post = await story.author.says(WORDS[language])

    # A reply waits in the desk; nothing has been said in public.
    held = await story.card(WORDS[language][:30], "post_approve")
    assert story.mastodon.posts() == []
    await story.grace.presses(held, say("button.post_approve"))
    replies = await story.mastodon.until(lambda: story.mastodon.replies(post), PATIENCE, "the approved reply")
    (reply,) = replies
    assert reply.to == ("ada@elsewhere.example",)
    assert reply.visibility == "unlisted"
    assert reply.language == str(language)
    path = re.findall(rf"{story.address}(/c/\S+)", reply.text)[-1]
    its_name = f"{story.say('post.its_reply')} (http"
    await story.slack.until(
        lambda: [
            one
            for one in story.slack.messages(story.desk, by_bot=True)
            if its_name in one.text and f"/{reply.id})" in one.text
        ],
        PATIENCE,
    )

    # The link, on a phone: only the post is there. A code by direct message shows who it is.
    phone = await story.on_a_phone(path)
    await expect(phone.page.locator("body")).to_contain_text(WORDS[language][:30])
    await expect(phone.page.locator("html")).to_have_attribute("lang", str(language))
    await story.picture(phone, "1-post")
    await phone.page.locator("form[action$='/code'] button").first.click()
    code = await story.told_directly(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")
    await phone.page.locator("input[name=code]").fill(code)
    await phone.page.locator("form[action$='/verify'] button").first.click()
    await phone.page.locator("#text").fill(HELP[language])
    await story.picture(phone, "2-verified")
    await phone.page.locator("#text").press("Enter")
    await expect(phone.page.locator("body")).to_contain_text(HELP[language])

    # It is a ticket; a technician answers in Slack, after the tab was closed.
    await expect(phone.answers.last).to_be_visible()
    await phone.asks(HUMAN[language])
    ticket = await story.card("*T1 ·", "claim")
    await story.picture(phone, "3-asked")
    await phone.page.close()
    told_before = len([one for one in story.mastodon.posts() if one.visibility == "direct"])
    await story.grace.presses(ticket, say("button.claim"))
    await story.grace.says(story.desk, ANSWER[language], thread=ticket)
    link = await story.told_directly(rf"{story.address}(/d/\S+)", after=told_before)

    # Word of it comes by direct message, without the words; the page has them.
    direct = [one.text for one in story.mastodon.posts() if one.visibility == "direct"]
    assert direct, "word of the answer came"
    await phone.opens(link)
    await phone.page.locator("main form button").first.click()
    await expect(phone.page.locator("body")).to_contain_text(ANSWER[language])
    await story.picture(phone, "4-answered")
    await phone.page.locator("#text").fill(MORE[language])
    await phone.page.locator("#text").press("Enter")
    await story.slack.until(
        lambda: [one for one in story.slack.messages(story.desk, thread=ticket) if MORE[language] in one.text], PATIENCE
    )
    await story.picture(phone, "5-back")

    # Nobody read anything in public but one reply, and nobody else was named.
    assert len(story.public) == 1
    for secret in (HELP[language], ANSWER[language], MORE[language], "Grace", "T1"):
        assert secret not in story.public[0].text
