"""Which job runs when. One row a job; what the columns mean is said in `jobs.job`."""

from collections.abc import Mapping
from datetime import time, timedelta

from bot.attachments.purging import purge_files
from bot.contact.kept import FORGOTTEN
from bot.errors import InvalidInput
from bot.ports.storage import Expiring
from bot.settings import Settings
from jobs.announce_tickets import announce_tickets, anything_unannounced
from jobs.backup import backup
from jobs.close_resolved import anything_to_close, close_resolved
from jobs.deliver_outbox import deliver_outbox
from jobs.escalate_stale_tickets import anything_stale, escalate_stale_tickets
from jobs.fetch_attachments import fetch_attachments
from jobs.forget_overheard import OVERHEARD, forget_overheard
from jobs.job import Job, Parts
from jobs.poll_hashtags import poll_hashtags
from jobs.post_digest import post_digest, timing_of
from jobs.purge_expired import purge_expired
from jobs.recover_inbox import recover_inbox
from jobs.remind_held import anybody_to_remind, remind_held
from jobs.retire_members import any_members, retire_members
from jobs.send_surveys import send_surveys
from jobs.show_outcomes import any_outcomes, show_outcomes
from jobs.suggest_problems import suggest_problems
from jobs.sync_knowledge import sync_knowledge
from jobs.tell_absent import anybody_absent, tell_absent
from jobs.tell_problems import anybody_to_tell, tell_problems
from jobs.timing import Daily, Every
from jobs.wake_snoozed import anybody_to_wake, wake_snoozed

HOUR = 3600.0


def schedule(settings: Settings) -> tuple[Job, ...]:
    """The jobs of a desk with these settings."""
    zone, sweep = settings.zone, Every(settings.sweep_seconds)
    digests = timing_of(settings)
    jobs = (
        Job("recover_inbox", sweep, _recover_inbox, everywhere=True),
        Job("deliver_outbox", sweep, _deliver_outbox, everywhere=True),
        Job("fetch_attachments", sweep, _fetch_attachments, everywhere=True),
        Job("escalate_stale_tickets", Every(1), _escalate_stale_tickets, look=_anything_stale),
        Job("announce_tickets", Every(15), _announce_tickets, look=_anything_unannounced),
        Job("wake_snoozed", Every(5), _wake_snoozed, look=_anybody_to_wake),
        Job("tell_problems", Every(2), _tell_problems, look=_anybody_to_tell),
        Job("tell_absent", Every(2), _tell_absent, look=_anybody_absent),
        Job("show_outcomes", Every(2), _show_outcomes, look=_any_outcomes),
        Job("remind_held", Every(30), _remind_held, look=_anybody_to_remind),
        Job("retire_members", Every(60), _retire_members, look=_any_members),
        Job("suggest_problems", Every(120), _suggest_problems),
        Job("send_surveys", Every(300), _send_surveys),
        Job("close_resolved", Every(300), _close_resolved, look=_anything_to_close),
        Job(
            "sync_knowledge",
            Every(60 * settings.knowledge_minutes),
            _sync_knowledge,
            look=_folder_has_changed,
            patience=HOUR,
        ),
        Job("poll_hashtags", Every(settings.mastodon_poll_seconds), _poll_hashtags, missed="skip"),
        Job("forget_overheard", Every(HOUR), _forget_overheard),
        *((Job("post_digest", digests, _post_digest),) if digests else ()),
        Job("backup", Daily(time(2, 30), zone), _backup, pauses=(60, 600), patience=6 * HOUR),
        Job("purge_expired", Daily(time(3, 30), zone), _purge_expired, patience=2 * HOUR),
    )
    unwanted = {"sync_knowledge": not settings.knowledge, "retire_members": not settings.desk_members_are_technicians}
    unwanted["show_outcomes"] = not settings.uses_mastodon
    unwanted["remind_held"] = not (settings.uses_mastodon and settings.mastodon_held_minutes)
    unwanted["poll_hashtags"] = not (settings.uses_mastodon and settings.mastodon_hashtags)
    return tuple(job for job in jobs if not unwanted.get(job.name))


def kept(settings: Settings) -> Mapping[Expiring, timedelta]:
    """For how long what is purged was kept. Codes are kept a day beyond their end, for the limits of asking."""
    history = timedelta(days=settings.keep_history_days)
    return {
        "overheard": OVERHEARD,
        "inbox_payloads": timedelta(days=settings.keep_payloads_days),
        "seen_posts": timedelta(days=settings.keep_payloads_days),
        "deliveries": history,
        "traces": history,
        "job_runs": history,
        "held_replies": history,
        "answers": timedelta(),
        "sign_in_codes": timedelta(days=1),
        "link_codes": timedelta(days=1),
        "contact_visits": FORGOTTEN,
        "used_links": FORGOTTEN,
    }


async def _recover_inbox(parts: Parts) -> int:
    return await recover_inbox(parts.services.storage)


async def _deliver_outbox(parts: Parts) -> int:
    if parts.deliverer is None:
        raise InvalidInput("only a process that has the platforms delivers: start guichet run")
    return await deliver_outbox(parts.services.storage, parts.deliverer)


async def _fetch_attachments(parts: Parts) -> int:
    return await fetch_attachments(parts.services, parts.deliverer.adapters if parts.deliverer else ())


async def _anything_stale(parts: Parts) -> bool:
    return await anything_stale(parts.services)


async def _escalate_stale_tickets(parts: Parts) -> int:
    return await escalate_stale_tickets(parts.services)


async def _anything_unannounced(parts: Parts) -> bool:
    return await anything_unannounced(parts.services)


async def _announce_tickets(parts: Parts) -> int:
    return await announce_tickets(parts.services)


async def _anybody_to_tell(parts: Parts) -> bool:
    return await anybody_to_tell(parts.services)


async def _tell_problems(parts: Parts) -> int:
    return await tell_problems(parts.services)


async def _anybody_absent(parts: Parts) -> bool:
    return await anybody_absent(parts.services)


async def _tell_absent(parts: Parts) -> int:
    return await tell_absent(parts.services)


async def _any_outcomes(parts: Parts) -> bool:
    return await any_outcomes(parts.services)


async def _show_outcomes(parts: Parts) -> int:
    return await show_outcomes(parts.services, parts.deliverer.adapters if parts.deliverer else ())


async def _anybody_to_remind(parts: Parts) -> bool:
    return await anybody_to_remind(parts.services)


async def _remind_held(parts: Parts) -> int:
    return await remind_held(parts.services)


async def _any_members(parts: Parts) -> bool:
    return await any_members(parts.services)


async def _retire_members(parts: Parts) -> int:
    return await retire_members(parts.services, parts.deliverer.adapters if parts.deliverer else ())


async def _send_surveys(parts: Parts) -> int:
    return await send_surveys(parts.services)


async def _suggest_problems(parts: Parts) -> int:
    return await suggest_problems(parts.services)


async def _anybody_to_wake(parts: Parts) -> bool:
    return await anybody_to_wake(parts.services)


async def _wake_snoozed(parts: Parts) -> int:
    return await wake_snoozed(parts.services)


def _silence(parts: Parts) -> timedelta:
    return timedelta(days=parts.settings.close_resolved_days)


async def _anything_to_close(parts: Parts) -> bool:
    return await anything_to_close(parts.services, _silence(parts))


async def _close_resolved(parts: Parts) -> int:
    return await close_resolved(parts.services, _silence(parts))


async def _folder_has_changed(parts: Parts) -> bool:
    return parts.knowledge is not None and await parts.knowledge.has_changed()


async def _sync_knowledge(parts: Parts) -> int:
    return await sync_knowledge(parts.knowledge) if parts.knowledge else 0


async def _post_digest(parts: Parts) -> int:
    return await post_digest(parts.services, parts.settings)


async def _backup(parts: Parts) -> int:
    settings = parts.settings
    return await backup(parts.archive, settings.backups_folder, parts.services.clock(), settings.backups_kept)


async def _poll_hashtags(parts: Parts) -> int:
    return await poll_hashtags(parts.services, parts.deliverer.adapters if parts.deliverer else ())


async def _forget_overheard(parts: Parts) -> int:
    return await forget_overheard(parts.services.storage, parts.services.clock())


async def _purge_expired(parts: Parts) -> int:
    services, now = parts.services, parts.services.clock()
    rows = await purge_expired(services.storage, kept(parts.settings), now)
    return rows + await purge_files(services.files.store, services.storage.unit_of_work, now)
