"""Where somebody who wrote in public is alone with the desk."""

from bot.model.messages import ConversationRef, Identity
from bot.model.people import PersonIdentity


def direct_room(identity: Identity | PersonIdentity) -> ConversationRef:
    """The room of direct messages with somebody: on platforms where posts are heard it is named by their own id."""
    return ConversationRef(identity.platform, identity.account, identity.native_id)


def room_by_handle(platform: str, account: str, handle: str) -> ConversationRef:
    """The same with somebody of whom nothing is known but a handle, such as @ada@example.social: it begins with @, as
    no id does."""
    return ConversationRef(platform, account, f"@{handle.removeprefix('@')}")
