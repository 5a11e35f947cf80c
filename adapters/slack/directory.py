"""Who has an address, in the desk's own workspace."""

from datetime import UTC, datetime

from adapters.slack.api import Api
from adapters.slack.ids import PLATFORM
from adapters.slack.people import profile_of
from adapters.slack.troubles import untold_troubles
from bot.errors import DeliveryRefused, InvalidInput, PlatformUnavailable, SettingsError
from bot.model.messages import Identity
from bot.settings import Settings

MANIFEST = "deploy/slack-manifest.yaml"
PATIENCE = 5.0  # seconds for which somebody waits at the terminal


async def member_with(settings: Settings, email: str) -> Identity:
    """A full member, as Slack knows them. Raises InvalidInput for whom nobody can appoint, SettingsError for what is
    missing, PlatformUnavailable."""
    token = settings.slack_bot_token
    if token is None:
        raise SettingsError("GUICHET_SLACK_BOT_TOKEN: is needed to look somebody up in Slack")
    api = Api(token.get_secret_value(), settings.slack_api_url, untold_troubles(lambda: datetime.now(UTC)))
    try:
        about = await api.read("auth.test", patience=PATIENCE)
        account, name = str(about.get("team_id") or ""), str(about.get("team") or "")
        user = (await api.read("users.lookupByEmail", patience=PATIENCE, email=email)).get("user") or {}
    except DeliveryRefused as error:
        if "users_not_found" in str(error):
            raise InvalidInput(
                f"nobody in the Slack workspace {name} has the address {email}, or their account is deactivated"
            ) from error
        raise InvalidInput(f"Slack does not say who has the address {email} ({error})") from error
    except PlatformUnavailable:
        for trouble in api.troubles.present:
            if trouble.kind == "scope":
                raise SettingsError(
                    f"the Slack app lacks the scope {trouble.error}: paste {MANIFEST} as its manifest and install it "
                    "again"
                ) from None
            if trouble.kind == "token":
                raise SettingsError(
                    f"GUICHET_SLACK_BOT_TOKEN: was refused ({trouble.error}); install the app again and set the new one"
                ) from None
        raise
    finally:
        await api.close()
    if not account or not user.get("id"):
        raise PlatformUnavailable("Slack gave an answer that cannot be read")
    profile = profile_of(user, account)
    if reason := _refusal(user, is_bot=profile.bot, is_member=profile.member):
        raise InvalidInput(f"{email} in the Slack workspace {name} {reason}")
    # Slack looked them up by that address: it vouches for it, even where it does not say it again.
    return Identity(
        PLATFORM, account, profile.id, profile.name, profile.email or email, profile.locale, profile.timezone
    )


def _refusal(user: dict[str, object], *, is_bot: bool, is_member: bool) -> str | None:
    if is_bot or user.get("id") == "USLACKBOT":
        return "is an app, and no person"
    if user.get("deleted"):
        return "is deactivated"
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return "is a guest, and guests cannot be technicians"
    return None if is_member else "belongs to another organisation"
