"""Who says stop is not written to any more, until they say start in a direct message."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from bot.engine.turn import Answer, Turn
from bot.engine.words import spoken
from bot.engine.work import Work
from bot.model.messages import Identity, IncomingMessage
from bot.model.people import Known, PersonIdentity
from bot.model.public import OptOut, PublicPost
from bot.model.values import AnswerKind, Language
from bot.ports.storage import UnitOfWork
from bot.public.held import withdraw
from bot.public.replying import unsay
from bot.public.rooms import direct_room

LOOKED_BACK = timedelta(days=90)  # for what waits to be said to them
POLITE = frozenset(
    "please pls s il vous te plait svp stp merci thanks thank you now maintenant bot robot the le".split()
)
_STOP = frozenset(
    "stop,stop it,stop this,stop writing,stop writing to me,stop writing me,stop messaging me,stop contacting me,"
    "stop replying,stop replying to me,stop answering me,do not write to me,do not write to me again,"
    "do not write to me any more,do not write to me anymore,do not contact me,do not contact me again,"
    "do not reply to me,do not message me,leave me alone,unsubscribe,unsubscribe me,opt out,opt me out,go away,"
    "no more messages,arret,arrete,arretez,arretez de m ecrire,arrete de m ecrire,arretez de me repondre,"
    "arrete de me repondre,arretez de me contacter,ne m ecrivez plus,ne m ecris plus,ne me repondez plus,"
    "ne me reponds plus,ne me contactez plus,laissez moi,laissez moi tranquille,laisse moi tranquille,"
    "desabonner,desabonnez moi,me desabonner,desinscription,desinscrire,stop messages,plus de messages,stop pub".split(
        ","
    )
)
_START = frozenset(
    "start,start again,resume,write to me again,you may write to me again,you can write to me again,opt in,"
    "reprendre,reprenez,reprends,recommencer,recommencez,vous pouvez m ecrire,vous pouvez m ecrire a nouveau,"
    "ecrivez moi a nouveau,ecrivez moi de nouveau".split(",")
)


def wish(text: str) -> Literal["stop", "start"] | None:
    """What somebody says of being written to, if that is all they say."""
    words = spoken(text).split()
    if len(words) > 12:
        return None
    said = {" ".join(words), " ".join(word for word in words if word not in POLITE)}
    if said & _STOP:
        return "stop"
    return "start" if said & _START else None


async def has_opted_out(uow: UnitOfWork, identity: Identity | PersonIdentity) -> bool:
    return await uow.public.opt_out(identity.platform, identity.account, identity.native_id) is not None


async def stop(work: Work, who: Known, language: Language) -> None:
    """They said so where others read: they are told in a direct message that it was heard, once."""
    if await opt_out(work, who):
        place = await work.place(direct_room(who.identity))
        if place.person_id is None:
            work.keep(place := replace(place, person_id=who.person.id))
        work.post(place, work.line("public.stopped", language), language=language, key="stopped")


async def opt_out(work: Work, who: Known) -> bool:
    """Nothing is written to them from now on; what waits to be said to them is withdrawn. False if they had said so
    before."""
    identity = who.identity
    if await has_opted_out(work.uow, identity):
        return False
    work.uow.public.add(OptOut(identity.platform, identity.account, identity.native_id, work.now))
    for post in await waiting_for(work, who):
        await unsay(work, post, "said_stop")
        await withdraw(work, post, "said_stop")
    return True


async def waiting_for(work: Work, who: Known) -> list[PublicPost]:
    """Posts of theirs to which something is still to be said, or was of late."""
    posts = await work.uow.public.of_person(who.person.id, work.now - LOOKED_BACK)
    return [post for post in posts if post.ticket_id or post.state in ("held", "approved", "answered")]


async def said(turn: Turn) -> Answer | None:
    """A rule for direct messages: stop, and start. Who has said stop before hears no more of it, and of what else they
    write `after_stop` decides."""
    said = wish(turn.text) if is_direct(turn) else None
    if said == "stop":
        is_news = await opt_out(turn, turn.known)
        return turn.chat("public.stopped") if is_news else Answer(AnswerKind.CHAT, None, turn.matter)
    identity = turn.known.identity
    out = await turn.uow.public.opt_out(identity.platform, identity.account, identity.native_id) if said else None
    if out is None:
        return None
    turn.uow.public.remove(out)
    return turn.chat("public.started")


def is_direct(turn: Turn) -> bool:
    """Whether somebody writes privately on a platform on which the desk is heard in public."""
    event = turn.event
    return isinstance(event, IncomingMessage) and event.post is None and is_in_direct_room(turn)


def is_in_direct_room(turn: Turn) -> bool:
    here = turn.event.conversation
    return here.platform in turn.services.policy.public.platforms and here == direct_room(turn.event.author)
