"""Who is at the keyboard, and in which of two roles they speak."""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from adapters.console.safe import one_line
from bot.model.messages import ConversationRef, Identity

PLATFORM = "console"
DESK = "desk"


class Speaker(StrEnum):
    EMPLOYEE = "employee"
    TECHNICIAN = "technician"


@dataclass(frozen=True, slots=True)
class LocalUser:
    login: str
    name: str
    locale: str | None = None  # BCP 47

    def identity(self, speaker: Speaker) -> Identity:
        """Two identities, so that one person can play both sides of the desk."""
        if speaker is Speaker.TECHNICIAN:
            return Identity(PLATFORM, "local", f"{self.login}@{DESK}", f"{self.name} ({DESK})", locale=self.locale)
        return Identity(PLATFORM, "local", self.login, self.name, locale=self.locale)


def local_user(environ: Mapping[str, str]) -> LocalUser:
    """The user of this process; without an entry in the user database (some containers), a name made of the number."""
    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError:
        login, name = f"user-{os.getuid()}", ""
    else:
        login, name = entry.pw_name, entry.pw_gecos.split(",")[0].replace("&", entry.pw_name.capitalize())
    return LocalUser(login, one_line(name) or login, locale_tag(environ))


def locale_tag(environ: Mapping[str, str]) -> str | None:
    """`fr-FR` for LANG=fr_FR.UTF-8; None where no language is set. LC_ALL and LC_MESSAGES go before LANG."""
    value = next(filter(None, (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    tag = value.split(".")[0].split("@")[0].replace("_", "-")
    return None if tag in {"", "C", "POSIX"} else tag


def room_of(speaker: Speaker, terminal: str, thread: str | None) -> ConversationRef:
    """Technicians share one room per terminal; an employee's chat is one conversation, or one per piped run."""
    if speaker is Speaker.TECHNICIAN:
        return ConversationRef(PLATFORM, terminal, DESK)
    return ConversationRef(PLATFORM, terminal, "chat", thread)
