"""A technician's words for everybody: scanned, shown as the public would read them, confirmed, and then published.

Nothing that was kept inside (a note), was said in private, or identifies somebody gets through: what is found is named,
and the technician writes it anew. Half a minute is left to take it back.
"""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Literal
from uuid import UUID

from bot.engine.turn import Turn
from bot.engine.work import Work
from bot.errors import InvalidInput
from bot.model.documents import Actions, Block, Button, Document, Paragraph, plain
from bot.model.public import PublicPost
from bot.model.tickets import HeldReply, Ticket
from bot.model.values import TicketStatus
from bot.public.answerable import answerable, authors, chosen
from bot.public.left_alone import opt_out_of
from bot.public.limits import limits_of
from bot.public.links import post_link
from bot.public.reply import Confirmed, NotPublic, PublicReply, of_technician, target_of
from bot.public.scanning import Findings, known_names, repeated, scan
from bot.texts import Inline
from bot.tickets import lifecycle
from bot.tickets.cards import names_on, tell_desk
from bot.tickets.lifecycle import UNDO_WINDOW
from bot.tickets.merging import parts_of, wholes
from bot.tickets.places import askers_places
from bot.tickets.relay import hold, internal_text, says_something, why_not

_WORD = re.compile(r"(?i)(?:en\s+)?(?:public|publique|publiquement|publicly|in\s+public)\b[\s:,]*")
_LATER = timedelta(seconds=3)  # beyond what is left to take it back: of two that come at once, that one wins
_SHOWN = 60  # characters of what was found
_SAID = 100  # messages of a conversation that are compared


def meant_for_public(text: str) -> str | None:
    """The words after `public`; None for a reply to the person alone."""
    match = _WORD.match(text)
    return text[match.end() :].strip() if match else None


async def prepare(turn: Turn, ticket: Ticket, text: str, typed: str) -> Document:
    """Show the technician what everybody would read, and let them confirm it; or say why it cannot be said. `typed`:
    the same with the word before it, which may be the first of a reply where there is nothing public to be answered.

    Raises InvalidInput with a sentence.
    """
    posts = await answerable(turn, ticket)
    found = chosen(posts, text)
    if found is None:
        return await hold(turn, ticket, typed, "no_post")
    post, text = found
    if not says_something(text) or turn.brings_files:
        raise InvalidInput(turn.say("ticket.public.words", reference=ticket.reference))
    await may_be_answered(turn, ticket, post)
    reply = await checked(turn, ticket, post, text)
    held = HeldReply(ticket.id, turn.known.person.id, text, turn.now, "public", message_id=turn.message.id)
    turn.uow.tickets.add(held)
    turn.note_event(ticket, "held", held=str(held.id), reason="public")
    technician = turn.technician
    assert technician is not None
    whose = why_not(turn, ticket, technician)
    _, assignee = await names_on(turn, ticket)
    first = [turn.paragraph("ticket.public.not_yours", name=assignee or "?")] if whose and assignee else []
    buttons = (
        Button("public_send", turn.say("button.public_send"), f"{held.id}:{post.id}", "primary"),
        Button("public_drop", turn.say("button.public_drop"), str(held.id)),
    )
    others = [f"@{one}" for one in authors(posts) if one != post.handle]
    named = [turn.paragraph("ticket.public.others", handles=", ".join(others))] if others else []
    return Document((*first, *await shown(turn, post, reply), *named, Actions(buttons)))


async def shown(turn: Turn, post: PublicPost, reply: PublicReply) -> list[Block]:
    """Who reads it, what they read, and in how many posts."""
    target = reply.target
    readers = turn.paragraph(f"ticket.public.readers.{target.reach}", handle=f"@{target.handle}")
    warning = [turn.paragraph("ticket.public.warning", text=target.warning)] if target.warning else []
    link = [Paragraph(f"[{turn.say('field.source')}]({post.link})")] if post.link else []
    blocks = list(reply.document.blocks)
    if blocks and isinstance(blocks[0], Paragraph):
        blocks[0] = Paragraph(f"{plain(f'@{target.handle}')} {blocks[0].text}")
    limits = await limits_of(turn.uow, turn.services.policy.public, post)
    count, longest = limits.posts(reply.document, target), limits.characters
    parts = [turn.paragraph("ticket.public.parts", count=count, longest=longest)] if count > 1 else []
    return [readers, *link, *warning, *blocks, *parts]


async def checked(turn: Turn, ticket: Ticket, post: PublicPost, text: str) -> PublicReply:
    """The reply in these words. Raises InvalidInput with what was found in them, and where."""
    if internal_text(text) is not None:
        raise InvalidInput(turn.say("ticket.public.internal", reference=ticket.reference))
    if found := await findings(turn, ticket, post, text):
        named = [f"{turn.say(f'public.kind.{one.kind}')} (« {plain(one.text[:_SHOWN])} »)" for one in found.found]
        listed = Inline(", ".join(dict.fromkeys(named)))
        raise InvalidInput(turn.say("ticket.public.refused", found=listed, reference=ticket.reference))
    policy = turn.services.policy.public
    try:
        words = Confirmed(text, turn.known.person.id)
        return of_technician(turn.services, words, target_of(post, policy), post.language)
    except NotPublic as error:
        raise InvalidInput(turn.say("ticket.public.internal", reference=ticket.reference)) from error


async def findings(turn: Turn, ticket: Ticket, post: PublicPost, text: str) -> Findings:
    """What of the words must not be read by everybody: identifiers, names, notes on the ticket, what was said in
    private."""
    policy = turn.services.policy.public
    tickets = [ticket, *await parts_of(turn, ticket)]
    askers = [(await names_on(turn, one))[0] for one in tickets]
    names = await known_names(turn.uow, turn.services.texts, text, askers)
    allowed = tuple(filter(None, (ticket.reference, post.link, post_link(policy, post.token))))
    found = scan(text, names=names, country=policy.country, allowed=allowed)
    inside: list[str] = []
    for one in tickets:
        inside += [note.text for note in await turn.uow.tickets.notes(one.id)]
        inside += [held.text for held in await turn.uow.tickets.held_of(one.id) if held.reason != "public"]
    private = []
    for place in await askers_places(turn, ticket):
        if not place.ref.is_public:
            said = await turn.uow.conversations.messages(place.id, _SAID)
            private += [one.text for one in said if one.author == "person" and one.text not in ("", post.text)]
    return found.joined(repeated(text, inside, "note")).joined(repeated(text, private, "private"))


async def publish(turn: Turn, held: HeldReply, shown_for: str) -> Document:
    """Confirmed: everything is looked at again, since the ticket, the post and what is known may have changed. What
    cannot be said any more is dropped. `shown_for`: the id of the post that it was shown as an answer to.

    Raises InvalidInput with a sentence."""
    ticket = await turn.current(held.ticket_id)
    technician = turn.technician
    assert ticket is not None and technician is not None
    turn.uow.tickets.save(replace(held, state="dropped"))
    post = next((one for one in await answerable(turn, ticket) if str(one.id) == shown_for), None)
    if post is None:
        raise InvalidInput(turn.say("ticket.public.gone", reference=ticket.reference))
    await may_be_answered(turn, ticket, post)
    if ticket.assignee_id not in (None, technician.id) and ticket.claimed_at and ticket.claimed_at > held.at:
        _, assignee = await names_on(turn, ticket)
        raise InvalidInput(turn.say("ticket.public.taken", reference=ticket.reference, name=assignee or "?"))
    reply = await checked(turn, ticket, post, held.text)
    turn.uow.tickets.save(replace(held, state="sent"))
    if ticket.status is TicketStatus.OPEN:
        ticket = turn.save(lifecycle.claimed(ticket, technician.id, turn.known.person.id, turn.now))
    ticket = turn.save(lifecycle.replied(ticket, turn.known.person.id, turn.now))
    place = await turn.place_by_id(post.conversation_id)
    assert place is not None, "a post keeps its conversation"
    said = turn.post_public(
        place,
        reply,
        author="technician",
        answers=post.message_id,
        held_for=UNDO_WINDOW + _LATER,
        confirms=held.message_id,
    )
    turn.note_event(ticket, "replied_in_public", post=str(post.id), message=str(said.id))
    await tell_desk(turn, ticket, "desk.replied_in_public", name=turn.known.person.name, text=reply.document.text)
    undo = Button("public_undo", turn.say("button.undo"), f"{held.id}:{said.id}")
    seconds = int(UNDO_WINDOW.total_seconds())
    done = turn.paragraph("ticket.public.sent", reference=ticket.reference, seconds=seconds)
    return Document((done, Actions((undo,))))


async def may_be_answered(turn: Turn, ticket: Ticket, post: PublicPost) -> None:
    """Raises InvalidInput with a sentence."""
    if not ticket.is_active:
        status = turn.say(f"status.{ticket.status}")
        raise InvalidInput(turn.say("ticket.not_possible", reference=ticket.reference, status=status))
    if await opt_out_of(turn, post.person_id, post.platform, post.account):
        raise InvalidInput(turn.say("ticket.public.opted_out", reference=ticket.reference))


async def unsay(work: Work, post: PublicPost, why: Literal["deleted", "said_stop"]) -> None:
    """What a technician said to a post, and nobody has read yet, is not said: its author wants no answer any more. The
    desk is told."""
    ticket = await work.current(post.ticket_id) if post.ticket_id else None
    if ticket is not None:
        ticket = [ticket, *await wholes(work, ticket)][-1]  # on which it was written
    for said in await work.uow.conversations.messages(post.conversation_id, _SAID) if ticket else ():
        if said.author != "technician" or said.in_reply_to != post.message_id or said.native_id or said.deleted:
            continue
        assert ticket is not None
        work.uow.outbox.withdraw(said.id)
        work.uow.conversations.save(replace(said, deleted=True, text=""))
        ticket = work.save(lifecycle.unsaid(ticket, said.person_id or post.person_id, work.now, said.sent_at))
        await tell_desk(work, ticket, f"desk.public_unsaid.{why}")


async def take_back(turn: Turn, held: HeldReply, message_id: UUID) -> Document:
    """Within half a minute, what is not on its way yet is not said."""
    ticket = await turn.current(held.ticket_id)
    said = await turn.uow.conversations.message(message_id)
    assert ticket is not None
    if said is None or said.person_id != held.author_id or turn.now - said.sent_at > UNDO_WINDOW or said.native_id:
        seconds = int(UNDO_WINDOW.total_seconds())
        return turn.document("ticket.public.too_late", reference=ticket.reference, seconds=seconds)
    turn.uow.outbox.withdraw(said.id)
    turn.uow.conversations.save(replace(said, deleted=True, text=""))
    turn.uow.tickets.save(replace(held, state="dropped"))
    ticket = turn.save(lifecycle.unsaid(ticket, turn.known.person.id, turn.now, said.sent_at))
    await tell_desk(turn, ticket, "desk.public_undone", name=turn.known.person.name)
    return turn.document("ticket.public.undone", reference=ticket.reference)
