"""Who was told in public of an announced problem is told there when it is over: once, where the desk had answered them,
in words for everybody."""

from bot.engine.work import Work
from bot.model.conversations import Conversation
from bot.model.public import PublicPost
from bot.model.tickets import Problem, ProblemSubscription
from bot.model.values import Audience
from bot.problems import wording
from bot.public.fitting import fitted
from bot.public.left_alone import opt_out_of
from bot.public.reply import Announcement, Part, PublicReply, Sentence
from bot.public.scanning import known_names, scan


async def remember_told(work: Work, problem: Problem, post: PublicPost) -> None:
    """Note that its author learns of the problem where they posted, if the desk answers them."""
    known = [*await work.uow.problems.subscriptions(problem.id), *work.subscriptions.values()]
    where = (problem.id, post.conversation_id, post.person_id)
    if any((one.problem_id, one.conversation_id, one.person_id) == where for one in known):
        return
    told = ProblemSubscription(
        problem.id, post.conversation_id, post.person_id, work.now,
        audience=Audience.PUBLIC, language=post.language, news=problem.news,
    )  # fmt: skip
    work.keep_subscription(told, new=True)


async def post_to_tell(work: Work, told: ProblemSubscription, place: Conversation) -> PublicPost | None:
    """The post under which its author is told; None where nothing was said to them, they took it back, they said stop,
    or they are told with their ticket, in private."""
    ref = place.ref
    thread = await work.uow.public.of_thread(ref.platform, ref.account, ref.thread or "")
    answered = [
        post for post in thread if post.person_id == told.person_id and post.text and await _was_answered(work, post)
    ]
    if not answered or await opt_out_of(work, told.person_id, ref.platform, ref.account):
        return None
    for post in answered:
        ticket = await work.current(post.ticket_id) if post.ticket_id else None
        if ticket is not None and ticket.problem_id == told.problem_id:
            return None
    return answered[-1]


async def _was_answered(work: Work, post: PublicPost) -> bool:
    reply = await work.uow.conversations.message(post.reply_id) if post.reply_id else None
    return post.state != "withdrawn" and reply is not None and reply.native_id is not None and not reply.deleted


async def end_of(work: Work, problem: Problem, post: PublicPost) -> PublicReply:
    """That it is over, with what everybody may read of it: where something in that must not be published, without."""
    parts: list[Part] = [Sentence("public.say.problem_over")]
    if ending := wording.text_for(problem.end_texts, Audience.PUBLIC, post.language):
        words = f"{ending.text}\n{ending.workaround}"
        names = await known_names(work.uow, work.services.texts, words)
        if not scan(words, names=names, country=work.services.policy.public.country):
            parts.append(Announcement(problem))
    return await fitted(work, post, parts)
