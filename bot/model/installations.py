"""Where an app of ours was installed by somebody else: a workspace that gave the desk a token."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from bot.model.ids import new_id


@dataclass(frozen=True, slots=True)
class Installation:
    """(platform, account) is unique. `token` is sealed: whoever reads the database cannot use it."""

    platform: str
    account: str
    name: str
    token: str = field(repr=False)
    installed_at: datetime
    scopes: str = ""
    id: UUID = field(default_factory=new_id)
