"""Files that came with a message: what is known of them, and their bytes."""

from collections.abc import AsyncIterator, Mapping

from adapters.slack.api import LOOPBACK, hostname_of, is_loopback
from adapters.slack.parts import shortened
from adapters.slack.payloads import SentFile
from adapters.slack.workspace import Workspace
from bot.attachments.downloads import download
from bot.errors import FileRefused, PlatformUnavailable
from bot.model.messages import IncomingFile

HOSTS = ("files.slack.com", ".slack-files.com", ".slack.com")
LONGEST_ALTERNATIVE = 1_000  # of what is said instead of a picture
GONE = ("tombstone", "hidden_by_limit")


def files_of(sent: tuple[SentFile, ...]) -> tuple[IncomingFile, ...]:
    """Of a file that Slack does not hold itself nothing can be had."""
    return tuple(map(file_of, sent))


def file_of(sent: SentFile) -> IncomingFile:
    problem = "gone" if sent.mode in GONE else "refused" if sent.is_external else None
    return IncomingFile(
        sent.id,
        sent.name or sent.title or sent.id,
        sent.mimetype or "application/octet-stream",
        sent.size,
        url=sent.url_private_download or sent.url_private,
        problem=problem,
    )


async def fetch(file: IncomingFile, workspaces: Mapping[str, Workspace], api_url: str) -> AsyncIterator[bytes]:
    """The bytes, read with the token of the workspace that has the file, and from Slack's own hosts only.

    Raises FileRefused, RateLimited, or PlatformUnavailable.
    """
    if not workspaces:
        raise PlatformUnavailable("Slack is not connected")
    workspace = next((one for account, one in workspaces.items() if account in file.url), None)
    workspace = workspace or next(iter(workspaces.values()))
    headers = {"Authorization": f"Bearer {workspace.api.client.token}"}
    if not file.url:
        raise FileRefused("gone")
    own = hosts_beside(api_url)
    inside = bool(own) and hostname_of(file.url) in own
    async for chunk in download(file.url, (*own, *HOSTS), headers=headers, inside=inside):
        yield chunk


async def upload(
    workspace: Workspace, channel: str, thread: str | None, name: str, content: bytes, alternative: str = ""
) -> str:
    """The id of the file, which stands in the channel or the thread under `thread` (a `ts`). `alternative`: of a
    picture, for who does not see it. Raises a DeliveryError."""
    more = {"thread_ts": thread} if thread else {}
    more |= {"alt_txt": shortened(alternative, LONGEST_ALTERNATIVE)} if alternative else {}
    answer = await workspace.api.write("files_upload_v2", channel=channel, filename=name, content=content, **more)
    return next((str(one["id"]) for one in answer.get("files") or () if one.get("id")), "")


def hosts_beside(api_url: str) -> tuple[str, ...]:
    """Where a server of one's own has files: there they may be read without encryption, and within this network. None
    for Slack's own."""
    host = hostname_of(api_url)
    if host == "slack.com" or host.endswith(".slack.com"):
        return ()
    return (host, *LOOPBACK) if is_loopback(host) else (host,)
