"""Where somebody who wrote in public is alone with the desk."""

from bot.model.messages import ConversationRef, Identity
from bot.model.people import PersonIdentity


def direct_room(identity: Identity | PersonIdentity) -> ConversationRef:
    """The room of direct messages with somebody: on platforms where posts are heard it is named by their own id."""
    return ConversationRef(identity.platform, identity.account, identity.native_id)
