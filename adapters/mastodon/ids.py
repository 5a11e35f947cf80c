"""How Mastodon's ids stand in ours.

A message is its status's id. A public thread is a thread of the room `public`, named by the id of the status that it
begins with. The direct messages with somebody are a room named by their account's id: one for each. Ids are strings
that need not be numbers. With somebody of whom there is but a handle, it is a room named by that, which begins with @,
as no id does.
"""

from bot.model.messages import PUBLIC_ROOM, ConversationRef

PLATFORM = "mastodon"


def public_thread(account: str, root: str) -> ConversationRef:
    """`account` is the host of the server that the desk's own account is on."""
    return ConversationRef(PLATFORM, account, PUBLIC_ROOM, root)


def direct_room(account: str, native_id: str) -> ConversationRef:
    """Where the desk and the person with this account id are alone."""
    return ConversationRef(PLATFORM, account, native_id)


def is_handle(room: str) -> bool:
    return room.startswith("@")
