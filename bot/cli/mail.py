"""The mail server beside whatever else `guichet run` does."""

from functools import partial

from bot.app import Desk
from bot.ports.adapters import ChatAdapter
from bot.ports.mail import Mailer
from bot.settings import Settings
from bot.web_settings import SmtpServer


def mailer_of(settings: Settings) -> Mailer | None:
    """What hands mail to the organisation's server; None where there is none."""
    if settings.mail_sender is None or settings.smtp_url is None:
        return None
    from adapters.email.smtp import SmtpMailer  # of no use where there is no mail server

    return SmtpMailer(SmtpServer.parse(settings.smtp_url.get_secret_value()), settings.mail_sender)


def mail_of(desk: Desk) -> list[ChatAdapter]:
    """E-mail as a place to send to, where there is a mail server."""
    mailer = mailer_of(desk.settings)
    if mailer is None:
        return []
    from adapters.email.adapter import EmailAdapter

    if desk.settings.public_url:
        return [EmailAdapter(mailer, partial(desk.texts, "email.footer_page", site=desk.settings.public_url))]
    return [EmailAdapter(mailer, partial(desk.texts, "email.footer"))]
