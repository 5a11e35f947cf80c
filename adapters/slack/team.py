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
    workspace: Workspace
    people: People
    channels: Channels
    here: Here

    @classmethod
    def of(cls, workspace: Workspace, desk: SlackDesk, ticket_emoji: str) -> "Team":
        account = workspace.account
        people, channels = People(workspace.api, account), Channels(workspace.api, account)

        def is_desk(channel: str) -> bool:
            return account == desk.account and channel in desk.channels.all

        here = Here(
            account,
            workspace.user_id,
            workspace.bot_id,
            is_desk,
            ticket_emoji,
            user_name=people.name,
            channel_name=channels.name,
        )
        return cls(workspace, people, channels, here)

    def permalink(self, at: At, root: str | None = None) -> str | None:
        """The address of a message, as Slack writes it; None where the workspace's own is not known."""
        if not self.workspace.url:
            return None
        address = f"{self.workspace.url.rstrip('/')}/archives/{at.channel}/p{at.ts.replace('.', '')}"
        return f"{address}?thread_ts={root}&cid={at.channel}" if root and root != at.ts else address
