"""The desk's choices, as its settings say them."""

from datetime import timedelta
from urllib.parse import urlsplit

from bot.engine.services import Policy
from bot.public.policy import PublicPolicy
from bot.settings import Settings


def policy_of(settings: Settings, link_key: str = "") -> Policy:
    """`link_key` signs the links that lead to the desk's pages."""
    return Policy(
        desk_language=settings.desk_language,
        timezone=settings.timezone,
        failed_attempts=settings.failed_attempts,
        idle=timedelta(minutes=settings.idle_minutes),
        answer_threshold=settings.answer_threshold,
        surveys=settings.surveys,
        survey_days=settings.survey_days,
        survey_delay=timedelta(minutes=settings.survey_delay_minutes),
        nps_days=settings.nps_days,
        mail=settings.mail_sender,
        link_secret=settings.secret_key.get_secret_value() if settings.secret_key else "",
        recurring=timedelta(days=settings.recurring_days),
        technicians=settings.technicians,
        desk_members=settings.desk_members_are_technicians,
        public=public_policy_of(settings, link_key),
    )


def public_policy_of(settings: Settings, link_key: str = "") -> PublicPolicy:
    return PublicPolicy(
        site=settings.public_url,
        link_key=link_key,
        visibility=settings.mastodon_visibility,
        approval=settings.mastodon_approval == "on",
        held=timedelta(minutes=settings.mastodon_held_minutes),
        daily_replies=settings.mastodon_daily_replies,
        signature=settings.mastodon_signature,
        away=timedelta(seconds=settings.contact_away_seconds),
        tell_every=timedelta(minutes=settings.contact_tell_minutes),
        country=settings.phone_country,
        longest=settings.mastodon_max_characters,
        platforms=("mastodon",) if settings.uses_mastodon else (),
        account=("mastodon", urlsplit(settings.mastodon_url or "").hostname or "") if settings.uses_mastodon else None,
    )
