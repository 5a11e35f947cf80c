"""What the doctor finds about where digests are posted."""

from bot.checks import Check
from bot.settings import Settings

PART = "digest"
ELSEWHERE = "or have GUICHET_DIGEST_PLACE name another place; empty: where tickets without a category are announced"


def check_digest(settings: Settings) -> Check:
    """Whether the desk has a room where GUICHET_DIGEST_PLACE says. Whether its bot is in that channel is told with the
    platform."""
    place = settings.digest_place
    if not settings.digest_weekly and not settings.digest_daily:
        finding = "none is posted: GUICHET_DIGEST_WEEKLY and GUICHET_DIGEST_DAILY are off"
        return Check(PART, "ok", f"{finding}, and GUICHET_DIGEST_PLACE says {place} for nothing" if place else finding)
    if trouble := _trouble(settings, place.partition(":")[0]):
        why, remedy = trouble
        return Check(PART, "broken", f"GUICHET_DIGEST_PLACE is {place}: {why}", f"{remedy}, {ELSEWHERE}")
    if place == "console":
        remedy = "leave guichet run open on a terminal, or have GUICHET_DIGEST_PLACE name a place that is always there"
        return Check(PART, "warning", "they are posted only while a terminal is open", remedy)
    if not place and not settings.web and not _is_in_slack(settings):
        remedy = "set GUICHET_WEB=true, or work in Slack with GUICHET_SLACK_DESK_CHANNEL"
        return Check(PART, "warning", "the desk has no room to post them in but an open terminal", remedy)
    return Check(PART, "ok", f"posted in {place or 'the room of tickets without a category'}")


def _trouble(settings: Settings, platform: str) -> tuple[str, str] | None:
    """What is wrong about the platform, and what to do."""
    if platform == "slack" and not settings.uses_slack:
        return "Slack is not configured", "set GUICHET_SLACK_BOT_TOKEN as README.md says"
    if platform == "slack" and not _is_in_slack(settings):
        return "the desk has no channel in Slack", "set GUICHET_SLACK_DESK_CHANNEL"
    if platform == "web" and not settings.web:
        return "the web page is off", "set GUICHET_WEB=true"
    return None


def _is_in_slack(settings: Settings) -> bool:
    return settings.slack_bot_token is not None and bool(settings.slack_desk_channel)
