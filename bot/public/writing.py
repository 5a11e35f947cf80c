"""The form in which a technician words a public reply anew."""

from dataclasses import replace

from bot.engine.services import Services
from bot.forms.making import form
from bot.model.documents import Document, Paragraph, Sources, Steps, unescaped
from bot.model.forms import Form
from bot.model.public import PublicPost
from bot.model.values import Language
from bot.ports.storage import UnitOfWork
from bot.public.kept import post_named
from bot.public.limits import limits_of


async def post_form(services: Services, uow: UnitOfWork, value: str, language: Language) -> Form | None:
    """With the reply that is held, and how much a post takes; None if none waits."""
    post = await post_named(uow, value)
    if post is None or post.state != "held":
        return None
    shown = form(services, "post_edit", language, {"text": proposed_text(services, post)}, subject=post.reference)
    limits = await limits_of(uow, services.policy.public, post)
    longest = services.texts.plain("post.longest", language, longest=limits.characters)
    return replace(shown, fields=tuple(replace(one, hint=f"{one.hint} {longest}") for one in shown.fields))


def proposed_text(services: Services, post: PublicPost) -> str:
    """The reply as one types it, without the hashtags that are put after it."""
    if post.reply is None:
        return ""
    signature = " ".join(f"#{tag}" for tag in services.policy.public.signature)
    lines = [line for line in _lines(post.reply) if line]
    return "\n".join(lines[:-1] if signature and lines[-1:] == [signature] else lines)


def _lines(document: Document) -> list[str]:
    lines: list[str] = []
    for block in document.blocks:
        match block:
            case Paragraph(text=text):
                lines.append(unescaped(text))
            case Steps(items=items):
                lines += [f"{number}. {unescaped(item)}" for number, item in enumerate(items, 1)]
            case Sources(items=items):
                lines += [f"{unescaped(source.title)} {source.link or ''}".strip() for source in items]
    return lines
