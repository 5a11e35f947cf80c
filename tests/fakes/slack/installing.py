"""The app comes into a workspace: its account there, its token, what it may do."""

from tests.fakes.slack.state import Installation, State, Team, User

# What guichet's manifest may ask for; a test with a manifest of its own replaces it.
ALL_SCOPES = [
    "app_mentions:read", "channels:history", "channels:join", "channels:read", "chat:write", "chat:write.public",
    "commands", "files:read", "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write",
    "mpim:history", "mpim:read", "mpim:write", "reactions:read", "reactions:write", "team:read", "users:read",
    "users:read.email", "users.profile:read",
]  # fmt: skip


def add_team(state: State, name: str) -> Team:
    team = Team(state.new_id("T"), name, name.lower().replace(" ", "-"))
    state.teams[team.id] = team
    return team


def install(state: State, team: str, scopes: list[str], by: str = "") -> Installation:
    """Anew, the app keeps its account and gets another token."""
    before = next((one for one in state.installations.values() if one.team == team), None)
    if before:
        bot_user, bot_id = before.bot_user, before.bot_id
        before.gone = before.gone or "token_revoked"
    else:
        bot_user, bot_id = state.new_id("U"), state.new_id("B")
        name = state.app_name
        state.users[bot_user] = User(bot_user, team, name, name, is_bot=True, bot_id=bot_id)
    token = f"xoxb-{state.new_id('N')}-{team}"
    made = Installation(team, token, bot_user, bot_id, list(scopes), by)
    state.installations[token] = made
    return made
