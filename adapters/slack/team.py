"""A workspace with what is known of its people and channels."""

from dataclasses import dataclass

from adapters.slack.channels import Channels
from adapters.slack.ids import At
from adapters.slack.people import People
from adapters.slack.rooms import SlackDesk
from adapters.slack.translate import Here
from adapters.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Team:
    """`desk`: the channels in which technicians work, in the desk's own workspace; None in others. `asks_members`:
    whether it matters who is in them."""

    workspace: Workspace
    people: People
    channels: Channels
    here: Here
    desk: SlackDesk | None = None
    asks_members: bool = False

    @classmethod
    def of(
        cls,
        workspace: Workspace,
        desk: SlackDesk,
        ticket_emoji: str,
        *,
        own: bool = True,
        asks_members: bool = False,
    ) -> "Team":
        """`own`: the desk's workspace. The people of others, who installed the app, are the public."""
        account = workspace.account
        people = People(workspace.api, account, own=own)
        channels = Channels(workspace.api, account, own=own)

        def is_desk(channel: str) -> bool:
            return own and account == desk.account and channel in desk.channels.all

        here = Here(
            account,
            workspace.user_id,
            workspace.bot_id,
            is_desk,
            ticket_emoji,
            user_name=people.name,
            channel_name=channels.name,
        )
        return cls(workspace, people, channels, here, desk if own else None, asks_members)

    async def is_at_desk(self, user: str) -> bool | None:
        """Whether somebody is in a desk channel; None where that does not matter or cannot be told.

        Raises PlatformUnavailable.
        """
        if not self.asks_members or self.desk is None or not self.desk.channels.all:
            return None
        unknown = False
        for channel in self.desk.channels.all:
            members = await self.channels.members(channel)
            if members is not None and user in members:
                return True
            unknown = unknown or members is None
        return None if unknown else False

    def permalink(self, at: At, root: str | None = None) -> str | None:
        """The address of a message, as Slack writes it; None where the workspace's own is not known."""
        if not self.workspace.url:
            return None
        address = f"{self.workspace.url.rstrip('/')}/archives/{at.channel}/p{at.ts.replace('.', '')}"
        return f"{address}?thread_ts={root}&cid={at.channel}" if root and root != at.ts else address
