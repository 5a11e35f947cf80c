"""What the app asks of a workspace: the events it hears, the methods it calls, and the scopes that these need.

From the reference of Slack's Web API and Events API; `deploy/slack-manifest.yaml` says the same to Slack.
"""

_READ = frozenset({"channels:read", "groups:read", "im:read", "mpim:read"})
_HISTORY = frozenset({"channels:history", "groups:history", "im:history", "mpim:history"})
_NONE: frozenset[str] = frozenset()

METHODS: dict[str, frozenset[str]] = {
    "auth.test": _NONE,
    "apps.connections.open": _NONE,  # with the app-level token
    "chat.delete": frozenset({"chat:write"}),
    "chat.getPermalink": _NONE,
    "chat.postEphemeral": frozenset({"chat:write"}),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "conversations.history": _HISTORY,
    "conversations.info": _READ,
    "conversations.list": frozenset({"channels:read", "groups:read"}),
    "conversations.members": _READ,
    "conversations.open": frozenset({"im:write"}),
    "conversations.replies": _HISTORY,
    "files.delete": frozenset({"files:write"}),
    "files.info": frozenset({"files:read"}),
    "oauth.v2.access": _NONE,
    "reactions.add": frozenset({"reactions:write"}),
    "reactions.remove": frozenset({"reactions:write"}),
    "users.conversations": _READ,
    "users.info": frozenset({"users:read", "users:read.email"}),
    "users.list": frozenset({"users:read"}),
    "users.lookupByEmail": frozenset({"users:read.email"}),
    "views.open": _NONE,
    "views.publish": _NONE,
}
UPLOADING = frozenset({"files:write"})  # what the library's files_upload_v2 calls
FETCHING = frozenset({"files:read"})  # a file's private address

EVENTS: dict[str, frozenset[str]] = {
    "app_home_opened": _NONE,
    "app_mention": frozenset({"app_mentions:read"}),
    "app_uninstalled": _NONE,
    "message.channels": frozenset({"channels:history"}),
    "message.groups": frozenset({"groups:history"}),
    "message.im": frozenset({"im:history"}),
    "message.mpim": frozenset({"mpim:history"}),
    "reaction_added": frozenset({"reactions:read"}),
    "tokens_revoked": _NONE,
}
COMMANDS = ("/ask", "/ticket", "/kb", "/desk")
COMMANDING = frozenset({"commands"})  # also what shortcuts need
SHORTCUT = "open_ticket"


def scopes() -> tuple[str, ...]:
    """Every scope that is needed, and no other, in order."""
    wanted = frozenset().union(*METHODS.values(), *EVENTS.values(), UPLOADING, FETCHING, COMMANDING)
    return tuple(sorted(wanted))
