"""A post in the desk's rooms: one card in each, with the reply that is proposed and what a technician may do; edited in
place when that was done."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.engine.work import Work
from bot.model.documents import Actions, Block, Button, Document, Fields, Paragraph, plain
from bot.model.messages import Incoming
from bot.model.public import PublicPost
from bot.model.values import Language
from bot.public.files import described
from bot.public.kept import decide_by, reading_of
from bot.public.limits import limits_of
from bot.public.reply import target_of
from bot.tickets.cards import moment
from bot.tickets.promises import dated

MOST_SHOWN = 1_500  # characters of a post
UNCATEGORISED = "uncategorised"


async def show(work: Work, post: PublicPost) -> PublicPost:
    """Post its card in the desk's rooms, or show the one that stands there anew; the post with its cards. Never where
    anybody reads."""
    language = work.services.policy.desk_language
    document = await card(work, post, language)
    if post.cards:
        for id in post.cards:
            message = await work.uow.conversations.message(id)
            place = await work.place_by_id(message.conversation_id) if message else None
            if place and work.services.desk.shows_cards(place.ref):
                work.post(place, document, language=language, edits=id, coalesce=f"post:{post.id}")
        return post
    cards = []
    category = reading_of(work, post).understanding.category or UNCATEGORISED
    for ref in work.services.desk.rooms_for(category):
        if not ref.is_public:
            place = await work.place(ref)
            shown = document if work.services.desk.shows_cards(ref) else typed(work, post, document, language)
            key = f"post:{post.id}"
            said = work.post(place, shown, language=language, coalesce=key, key=f"{key}:{ref.key}")
            cards.append(said.id)
    return replace(post, cards=tuple(cards))


async def card(work: Work, post: PublicPost, language: Language) -> Document:
    """The post, why it is shown, the reply that is proposed, and what happens next."""
    say = work.services.texts
    blocks: list[Block] = [await _about(work, post, language)]
    blocks.append(Paragraph(f"**{plain('@' + post.handle)}** : « {plain(_short(post.text))} »" if post.text else
                            f"**{plain('@' + post.handle)}** : _{say('post.gone', language)}_"))  # fmt: skip
    if post.link and post.link.startswith(("https://", "http://")):
        blocks.append(Paragraph(f"[{say('field.source', language)}]({_address(post.link)})"))
    if post.reply is not None and post.state in ("held", "approved", "answered"):
        label = say("post.said" if post.state == "answered" else _label(post), language)
        blocks += [Paragraph(f"**{label}**"), *post.reply.blocks, *await _parts(work, post, post.reply, language)]
    blocks.append(Paragraph(f"_{await _next(work, post, language)}_"))
    if offered := buttons(work, post, language):
        blocks.append(Actions(offered))
    return Document(tuple(blocks))


async def _parts(work: Work, post: PublicPost, reply: Document, language: Language) -> list[Block]:
    """Where it does not fit one post, in how many it would go out."""
    policy = work.services.policy.public
    limits = await limits_of(work.uow, policy, post)
    count = limits.posts(reply, target_of(post, policy)) if post.state in ("held", "approved") else 1
    longest = limits.characters
    said = work.services.texts("ticket.public.parts", language, count=count, longest=longest)
    return [Paragraph(f"_{said}_")] if count > 1 else []


def typed(work: Work, post: PublicPost, document: Document, language: Language) -> Document:
    """The card where it cannot change: with the commands that do what its buttons do."""
    say = work.services.texts
    commands = [
        say.typed("desk.mastodon", language, say.plain(f"post.word.{word}", language), post.reference)
        for word in ("approve", "leave", "ticket")
    ]
    commands.append(say.typed("desk.mastodon", language, say.plain("post.word.edit", language), post.reference, "…"))
    return replace(document, blocks=(*document.blocks[:-1], Paragraph(" · ".join(commands))))


async def _about(work: Work, post: PublicPost, language: Language) -> Fields:
    say, reading = work.services.texts, reading_of(work, post)
    zone = ZoneInfo(work.services.policy.timezone)
    ticket = await work.current(post.ticket_id) if post.ticket_id else None
    reach = target_of(post, work.services.policy.public).reach
    files = await described(work, post, language)
    items = [
        (say("post.field.urgency", language), say(f"priority.{post.urgency}", language)),
        (say("post.field.why", language), say(f"post.because.{post.because}", language)),
        (say("post.field.found", language), say(f"post.found.{post.found_by}", language)),
        (say("post.field.posted", language), moment(work, post.sent_at, language, zone)),
        (say("post.field.reach", language), say(f"post.reach.{reach}", language)),
        *([(say("post.field.warning", language), plain(post.warning))] if post.warning else []),
        *([(say("post.field.files", language), files)] if files else []),
        *([(say("post.field.ticket", language), ticket.reference)] if ticket else []),
    ]
    kind = say(f"post.kind.{reading.kind}", language) if post.text else ""
    return Fields(tuple(items), title=" · ".join(part for part in (post.reference, kind) if part))


async def _next(work: Work, post: PublicPost, language: Language) -> str:
    """Who acts next; or what was decided, and by whom."""
    say = work.services.texts
    person = await work.uow.people.person(post.decided_by) if post.decided_by else None
    name = person.name if person else say.plain("desk.name", language)
    if post.state == "held":
        said = say("post.next.held" if post.reply else "post.next.no_reply", language)
        return " ".join((said, *_until(work, post, language)))
    if post.state == "answered" and person:
        said = say("post.next.sent", language, name=name)
        return f"{said} [{say('post.its_reply', language)}]({_address(post.reply_link)})" if post.reply_link else said
    key = f"post.next.{post.state}" if person or post.state != "left" else "post.next.dropped"
    return say(key, language, name=name)


def _until(work: Work, post: PublicPost, language: Language) -> list[str]:
    """By when a decision is wanted, on the desk's clock; nothing where it never is."""
    wanted = decide_by(work.services, post)
    if wanted is None:
        return []
    when = dated(work, wanted, language, ZoneInfo(work.services.policy.timezone))
    return [work.services.texts("post.decide_by", language, when=when)]


def _label(post: PublicPost) -> str:
    return f"post.proposed{'_edited' if post.edited else ''}"


def _address(link: str) -> str:
    return link.replace("(", "%28").replace(")", "%29").replace(" ", "%20")


def buttons(work: Work, post: PublicPost, language: Language) -> tuple[Button, ...]:
    """What a technician may do with it now."""
    names: list[str] = []
    if post.state == "held":
        names = [*(["approve"] if post.reply else []), "edit", "leave"]
    elif post.state == "approved" or (post.state == "left" and post.decided_by):
        names = ["undo"]
    if post.state != "withdrawn" and post.ticket_id is None and post.text:
        names.append("ticket")
    return tuple(
        Button(f"post_{name}", work.services.texts(f"button.post_{name}", language), str(post.id),
               "primary" if name == "approve" else "default")
        for name in names
    )  # fmt: skip


def _short(text: str) -> str:
    lines = "\n".join(line.strip() for line in text.splitlines() if line.strip())
    return lines if len(lines) <= MOST_SHOWN else f"{lines[: MOST_SHOWN - 1]}…"


async def tell_of_unheard(work: Work, event: Incoming, reference: str) -> None:
    """Say in the desk's rooms that something went wrong with a post, and where it is: somebody may answer by hand."""
    language = work.services.policy.desk_language
    link = getattr(event, "link", None) or ""
    for ref in work.services.desk.rooms_for(UNCATEGORISED):
        if not ref.is_public:
            document = work.line("post.unheard", language, reference=reference, link=link)
            work.post(await work.place(ref), document, language=language, key=ref.key)
