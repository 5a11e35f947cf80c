"""What is said to each kind of post: short enough for a post with the name it is addressed to, and with who says it."""

from dataclasses import replace

import pytest

from adapters.mastodon.render import rendered
from bot.engine.work import Work
from bot.model.values import Audience, Language, Sentiment, Urgency
from bot.public.composing import compose, timeless
from bot.public.kept import read_post
from bot.public.reading import Kind, Reading
from bot.public.reply import Passage
from bot.sla.policies import SlaPolicies
from tests.public.posts import a_post
from tests.public.stage import Stage

LONG_HANDLE = "a.rather.long.name.of.somebody@an-instance-with-a-long-name.example.social"
KINDS: tuple[Kind, ...] = ("complaint", "question", "praise", "insult", "greeting", "nothing")
LANGUAGES = pytest.mark.parametrize("language", list(Language))


async def said_to(
    stage: Stage,
    kind: Kind,
    language: Language,
    *,
    urgency: Urgency = Urgency.LOW,
    angry: bool = False,
    serious: bool = False,
    personal: bool = False,
    passage: Passage | None = None,
    late: bool = False,
    ticketed: bool = False,
) -> str:
    post = a_post(handle=LONG_HANDLE, language=language, token="t" * 16)
    if late:
        stage.later(days=1)
    async with stage.desk.storage.unit_of_work() as uow:
        work = Work(uow=uow, services=stage.desk.services, now=stage.desk.clock(), key="k")
        said = stage.desk.services.understander.understand("", language=language, post=True)
        sentiment = Sentiment.VERY_NEGATIVE if angry else Sentiment.NEUTRAL
        said = replace(said, urgency=urgency, sentiment=sentiment)
        reading = Reading(kind, said, serious, angry, personal)
        ticket = (await uow.tickets.find(limit=1))[0] if ticketed else None
        reply = await compose(work, post, reading, passage=passage, ticket=ticket)
    assert reply is not None
    policy = stage.desk.services.policy.public
    body = rendered(reply.document, language, public=True, signature=policy.signature)
    return f"@{LONG_HANDLE} {body}"


@LANGUAGES
async def test_everything_fits_a_post_at_its_longest(stage: Stage, language: Language) -> None:
    stage.settle_policy(signature=("acme", "acmehelp"), site="https://desk.a-long-name.example.org")
    stage.desk.services = replace(stage.desk.services, sla=SlaPolicies.load(None, "Europe/Paris"))
    stage.desk.__post_init__()
    await stage.posts("My account was hacked", who="bob")
    for kind in KINDS:
        for urgency in Urgency:
            for angry in (False, True):
                for ticketed in (False, True):
                    said = await said_to(
                        stage, kind, language, urgency=urgency, angry=angry, serious=ticketed, personal=True,
                        late=kind == "complaint" and not ticketed, ticketed=ticketed,
                    )  # fmt: skip
                    assert len(said) <= 500, (len(said), said)


@LANGUAGES
async def test_an_answer_with_its_article_fits_a_post(stage: Stage, language: Language) -> None:
    stage.settle_policy(signature=("acme",))
    async with stage.desk.storage.unit_of_work() as uow:
        ids = list(await uow.knowledge.catalogue())
        articles = (await uow.knowledge.articles(ids)).values()
    shown = [one for one in articles if one.audience is Audience.PUBLIC and one.language is language]
    assert len(shown) > 5
    for article in shown[:25]:
        for personal in (False, True):
            passage = Passage(article.id)
            said = await said_to(stage, "question", language, passage=passage, personal=personal)
            assert len(said) <= 500, (len(said), said)
            assert article.title in said


@LANGUAGES
async def test_a_complaint_is_told_who_speaks_who_takes_over_and_by_when(stage: Stage, language: Language) -> None:
    stage.desk.services = replace(stage.desk.services, sla=SlaPolicies.load(None, "Europe/Paris"))
    stage.desk.__post_init__()
    stage.desk.clock.at = stage.desk.clock.at.replace(day=20, hour=18)  # Friday evening: nobody works before Monday
    said = await said_to(stage, "complaint", language, urgency=Urgency.MEDIUM)
    assert ("automatic assistant" if language is Language.EN else "assistant automatique") in said
    assert ("Monday" if language is Language.EN else "lundi") in said
    assert "https://desk.example.org/c/" in said


@LANGUAGES
async def test_without_a_page_the_way_on_is_a_direct_message(stage: Stage, language: Language) -> None:
    stage.settle_policy(site=None)
    said = await said_to(stage, "complaint", language)
    assert ("direct message" if language is Language.EN else "message direct") in said
    assert "http" not in said


@LANGUAGES
async def test_each_urgency_has_words_of_its_own_and_anger_has_others(stage: Stage, language: Language) -> None:
    said = {await said_to(stage, "complaint", language, urgency=urgency) for urgency in Urgency}
    said.add(await said_to(stage, "complaint", language, urgency=Urgency.HIGH, angry=True))
    assert len(said) == 5


@LANGUAGES
async def test_an_angry_complaint_gets_no_steps(stage: Stage, language: Language) -> None:
    text = {
        Language.EN: "Your wifi is a disgrace, three days without connection, you are useless thieves!!!",
        Language.FR: "Votre wifi est une honte, trois jours sans connexion, bande de voleurs !!!",
    }[language]
    said = await stage.posts(text)
    post = await stage.last()
    assert post.complaint
    assert stage.desk.services.texts("public.say.complaint.angry", language) in said
    assert post.reply is not None
    assert not any(block.type in ("steps", "sources") for block in post.reply.blocks)


ANNOUNCED = """/ticket problem announce No connection
en: The core switch of the network is down.
public en: The wireless network is down in the whole town.
public workaround en: Plug in a cable.
fr: Le cœur de réseau est en panne.
public fr: Le réseau sans fil est coupé dans toute la ville.
public workaround fr: Branchez un câble.
category: network
words: connection, connexion"""
TOWN = {Language.EN: "in the whole town", Language.FR: "dans toute la ville"}
CABLE = {Language.EN: "Plug in a cable", Language.FR: "Branchez un câble"}
MOODS = {  # calm, and angry
    Language.EN: (
        "Three days without a wifi connection and nobody answers",
        "Your wifi is a disgrace, three days without connection, you are useless thieves!!!",
    ),
    Language.FR: (
        "Trois jours sans connexion wifi et personne ne répond",
        "Votre wifi est une honte, trois jours sans connexion, bande de voleurs !!!",
    ),
}


@LANGUAGES
async def test_an_unasked_reply_to_an_angry_complaint_leaves_out_what_helps_meanwhile(
    stage: Stage, language: Language
) -> None:
    await stage.desk.says(ANNOUNCED, "desk-tess", who="tess")
    await stage.desk.clicks("ticket_problem", room="desk-tess", who="tess")
    stage.desk.clock.forward(seconds=60)
    replies = {}
    for who, text in zip(("ada", "bob"), MOODS[language], strict=True):
        await stage.posts(text, who=who, found_by="hashtag")
        post = await stage.last()
        assert (post.state, post.complaint, post.language) == ("held", True, language)
        assert post.reply is not None
        assert TOWN[language] in post.reply.text
        assert not any(block.type in ("steps", "sources") for block in post.reply.blocks)
        replies[who] = post.reply.text
    say = stage.desk.services.texts
    assert CABLE[language] in replies["ada"], "who is not angry is told"
    assert say("public.say.complaint.angry", language) in replies["bob"]
    assert CABLE[language] not in replies["bob"]


INSULTING = {
    Language.EN: (
        "How do I reset my password, you useless clowns?!",
        "How do I reset my password, bunch of clowns? #acme",
    ),
    Language.FR: (
        "Comment réinitialiser mon mot de passe, bande d’incapables ?!",
        "Comment réinitialiser mon mot de passe, bande de nuls ? #acme",
    ),
}


@LANGUAGES
@pytest.mark.parametrize("at", [0, 1])
async def test_an_insulting_question_is_calmed_where_nobody_was_asked(
    stage: Stage, language: Language, at: int
) -> None:
    say = stage.desk.services.texts
    await stage.posts(INSULTING[language][at], found_by="hashtag")
    post = await stage.last()
    assert (post.state, post.complaint) == ("held", False)
    assert post.reply is not None
    assert not any(block.type in ("steps", "sources") for block in post.reply.blocks)
    calm, _, rest = post.reply.text.partition("\n")
    assert calm == say("public.say.complaint.angry", language)
    assert "/c/" in rest and say("public.say.person_there", language) in rest
    async with stage.desk.storage.unit_of_work() as uow:
        assert "answer" not in {step.step for step in await uow.conversations.steps(post.message_id)}
    said = await stage.posts(INSULTING[language][at], who="bob")
    assert say("public.say.complaint.angry", language) not in said, "who asks the account is told what is known"


async def test_a_reply_is_the_same_but_for_its_times(stage: Stage) -> None:
    services = replace(stage.desk.services, sla=SlaPolicies.load(None, "Europe/Paris"))
    post, language = a_post(), Language.EN
    async with stage.desk.storage.unit_of_work() as uow:
        said = services.understander.understand("Three days without internet and nobody answers", post=True)
        made = []
        for hours in (0, 1, 30):
            now = stage.desk.clock().replace(hour=9 + hours % 24, day=16 + hours // 24)
            work = Work(uow=uow, services=services, now=now, key="k")
            reading = read_post(work, said, said.text, "hashtag")
            reply = await compose(work, post, reading)
            assert reply is not None
            made.append(reply.document)
        angry = await compose(work, post, replace(reading, angry=True))
    assert angry is not None
    assert len({document.text for document in made}) == 3
    assert len({timeless(services, document, language) for document in made}) == 1
    assert timeless(services, angry.document, language) != timeless(services, made[0], language)
