"""Every setting, read once from the environment (`GUICHET_*`) or `.env`, checked, and passed down."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from bot.digest_settings import DigestSettings
from bot.errors import SettingsError
from bot.file_settings import FILE_TYPES, FileTypes
from bot.mastodon_settings import MastodonSettings, mastodon_refusals
from bot.model.values import Language
from bot.slack_settings import SlackSettings, slack_refusals
from bot.technician_settings import Appointments
from bot.web_settings import Emails, HeaderName, Host, Networks, PublicUrl, SecretKey, SmtpFrom, SmtpUrl, refusals

PREFIX = "GUICHET_"
DATABASE_SCHEMES = ("sqlite", "sqlite+aiosqlite", "postgres", "postgresql", "postgresql+psycopg")
LOG_LEVELS = ("debug", "info", "warning", "error")


class Settings(SlackSettings, MastodonSettings, DigestSettings):
    """Field descriptions are the documentation: `.env.example` and `guichet doctor` show them."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", hide_input_in_errors=True)

    home: Path = Field(Path("data"), description="Folder for the database, the index, logs and backups.")
    database_url: SecretStr | None = Field(
        None,
        description="Database address: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME (Supabase and PgBouncer "
        "addresses too). Empty: an SQLite file in GUICHET_HOME.",
    )
    qdrant_url: str | None = Field(
        None,
        description="Qdrant server or cluster, such as http://qdrant:6333. Empty: the engine inside guichet, in "
        "GUICHET_HOME.",
    )
    qdrant_api_key: SecretStr | None = Field(None, description="Key of the Qdrant server, where it wants one.")
    qdrant_collection: str = Field(
        "guichet",
        pattern=r"^[A-Za-z0-9_.-]{1,100}$",
        description="Name of the desk's collection on the Qdrant server: an alias, whose collections begin with it.",
    )
    qdrant_shards: int = Field(1, ge=1, le=100, description="Shards of a new collection on the Qdrant server.")
    qdrant_replicas: int = Field(1, ge=1, le=20, description="Copies of each shard in a Qdrant cluster.")
    qdrant_write_consistency: int = Field(
        1, ge=1, le=20, description="Copies that must have a change before it counts as written."
    )
    qdrant_timeout: float = Field(5.0, gt=0, le=120, description="Seconds that one call to the Qdrant server may take.")
    desk_language: Language = Field(
        Language.EN, description="Language of the desk's rooms, and where nothing tells: fr or en."
    )
    timezone: str = Field("Europe/Paris", description="IANA time zone of the desk, such as Europe/Paris.")
    technicians: Appointments = Field(
        (),
        description="Who becomes a technician when the desk first meets them: addresses that their platform vouches "
        "for, each with a role if it is another, such as ada@example.org=admin, bob@example.org.",
    )
    desk_members_are_technicians: bool = Field(
        False,
        description="Whoever is a full member of a desk channel is a technician for as long as they are in it. Guests "
        "never are.",
    )
    categories: Path | None = Field(
        None, description="YAML file with your category tree. Empty: the one that ships with guichet."
    )
    devices: Path | None = Field(
        None, description="YAML file with device models of your own, added to those that ship with guichet."
    )
    sla: Path | None = Field(
        None,
        description="YAML file with what you promise of tickets and your business hours. Empty: the one that ships "
        "with guichet, Monday to Friday 9:00 to 18:00.",
    )
    texts: Path | None = Field(None, description="Folder with fr.po and en.po that override sentences of the bot.")
    samples: bool = Field(True, description="Load the sample articles when there are no articles at all.")
    allow_samples: bool = Field(
        False, description="Start although a real platform is connected and only the sample articles are loaded."
    )
    answer_threshold: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None,
        description="Confidence (0 to 1) from which an article is given as the answer. Empty: measured on your base.",
    )
    embedding_model: str = Field(
        "",
        description="Embedding model to find articles with, of those that guichet model list shows. Empty: the one "
        "installed last, if any; none: words only.",
    )
    failed_attempts: int = Field(3, ge=1, le=10, description="Answers that did not help before a ticket is opened.")
    surveys: bool = Field(True, description="Ask people how it went: after a human's or a confirmed answer.")
    survey_days: int = Field(
        30, ge=0, description="Of the bot's own answers, ask a person at most once in so many days; 0: never."
    )
    survey_delay_minutes: int = Field(
        60, ge=0, description="Minutes after which to ask about a ticket that was closed without a word from its asker."
    )
    nps_days: int = Field(
        0,
        ge=0,
        description="Ask a person at most once in so many days whether they would recommend the desk; 0: never.",
    )
    idle_minutes: int = Field(60, ge=1, description="Minutes of silence after which a message starts a new question.")
    workers: int = Field(
        4, ge=1, le=64, description="Messages of different conversations handled at once in one process."
    )
    lease_seconds: int = Field(
        30,
        ge=2,
        description="Seconds after which a message in the hands of a process that died is taken up by another.",
    )
    sweep_seconds: float = Field(
        5.0, gt=0, description="Seconds between two looks for messages and replies left behind."
    )
    leader_seconds: float = Field(
        10.0,
        ge=1,
        le=300,
        description="Seconds after which another replica runs the jobs when the one that ran them died.",
    )
    close_resolved_days: float = Field(
        3.0, gt=0, description="Days after which a ticket that was resolved and never confirmed is closed."
    )
    recurring_days: int = Field(
        30, ge=1, le=365, description="Days in which the third ticket of a person or device in a category is flagged."
    )
    knowledge: Path | None = Field(
        None, description="Folder of documents that the articles follow. Empty: only what guichet kb sync brings in."
    )
    knowledge_minutes: float = Field(10.0, gt=0, description="Minutes between two looks into GUICHET_KNOWLEDGE.")
    backups: Path | None = Field(
        None,
        description="Folder for the daily backups; with several replicas one that all of them share. Empty: backups in "
        "GUICHET_HOME.",
    )
    backups_kept: int = Field(10, ge=1, description="Daily backups that are kept; older ones are removed.")
    keep_payloads_days: float = Field(
        30.0, ge=1, description="Days for which what a platform delivered is kept beside the message it became."
    )
    keep_history_days: float = Field(
        90.0, ge=1, description="Days for which the steps behind an answer, what was sent, and jobs' runs are kept."
    )
    file_store: Literal["", "disk", "database"] = Field(
        "",
        description="Where files that come with messages are kept: disk (GUICHET_HOME/files) or database. Empty: disk "
        "with SQLite, database with PostgreSQL.",
    )
    file_megabytes: int = Field(25, ge=1, le=1000, description="Size in megabytes up to which a file is taken.")
    file_types: FileTypes = Field(
        FILE_TYPES, description="Endings of files that are taken; each must also be what its ending says."
    )
    log_level: str = Field("info", description="debug, info, warning or error.")
    log_json: bool = Field(False, description="Log lines as JSON objects, for containers.")
    web: bool = Field(True, description="Serve the web page with `guichet run`.")
    web_host: Host = Field(
        "127.0.0.1",
        description="Address the web page listens on. Anything but this machine (0.0.0.0, say) needs "
        "GUICHET_SECRET_KEY, GUICHET_PUBLIC_URL and GUICHET_SIGN_IN.",
    )
    web_port: int = Field(8080, ge=0, le=65535, description="Port the web page listens on; 0: any that is free.")
    public_url: PublicUrl = Field(
        None, description="Address under which people reach the web page, such as https://desk.example.org."
    )
    secret_key: SecretKey = Field(
        None,
        description="Signs sessions and links; at least 32 characters, the same on every replica (openssl rand -hex "
        "32). Empty, on this machine alone: one is made and kept in GUICHET_HOME.",
    )
    sign_in: Literal["", "email", "proxy"] = Field(
        "", description="How people sign in to the web page: email (a code by mail), proxy (a header), or not at all."
    )
    sign_in_emails: Emails = Field(
        (),
        description="Who may sign in: addresses and @domains, separated by commas. With proxy, empty: whoever the "
        "proxy lets through.",
    )
    smtp_url: SmtpUrl = Field(
        None,
        description="Mail server: smtp://HOST:PORT, smtp+starttls://USER:PASSWORD@HOST:PORT or smtps://…; special "
        "characters of a password as %XX.",
    )
    smtp_from: SmtpFrom = Field(None, description="Address that mail is sent from.")
    proxy_header_email: HeaderName = Field(
        "X-Forwarded-Email", description="Header in which a trusted proxy says who is signed in."
    )
    proxy_header_name: HeaderName = Field(
        "X-Forwarded-Preferred-Username", description="Header in which a trusted proxy says the person's name."
    )
    trusted_proxies: Networks = Field(
        (),
        description="Addresses and networks of your reverse proxies, separated by commas; headers of others count "
        "for nothing.",
    )
    web_requests_per_minute: int = Field(100, ge=1, description="Requests a minute that one address may make.")
    web_messages_per_minute: int = Field(20, ge=1, description="Messages a minute that one person may send.")

    @field_validator(
        "database_url",
        "categories",
        "devices",
        "sla",
        "texts",
        "answer_threshold",
        "knowledge",
        "backups",
        "qdrant_url",
        "qdrant_api_key",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("qdrant_url")
    @classmethod
    def _known_server(cls, value: str | None) -> str | None:
        if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
            raise ValueError("should be an address such as http://qdrant:6333")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("should be an IANA time zone such as Europe/Paris or America/Montreal") from error
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.lower() not in LOG_LEVELS:
            raise ValueError(f"should be one of {', '.join(LOG_LEVELS)}")
        return value.lower()

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value and urlsplit(value.get_secret_value()).scheme not in DATABASE_SCHEMES:
            raise ValueError("should start with sqlite:/// or postgresql://")
        return value

    @model_validator(mode="after")
    def _safe_to_serve(self) -> Self:
        if wrong := self._wrong_together():
            raise ValueError("\n".join(wrong))
        return self

    def _wrong_together(self) -> list[str]:
        has_key = self.secret_key is not None
        return [*refusals(self), *slack_refusals(self, has_key=has_key), *mastodon_refusals(self)]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def database(self) -> str:
        """The database address, the embedded default included. Secret."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.home / 'guichet.db').resolve()}"

    @property
    def backups_folder(self) -> Path:
        return self.backups or self.home / "backups"

    @property
    def files_folder(self) -> Path | None:
        """Where files lie on disk; None where they are in the database."""
        on_disk = self.file_store == "disk" or (not self.file_store and self.is_sqlite)
        return self.home / "files" if on_disk else None

    @property
    def mail_sender(self) -> str | None:
        """The address that mail is sent from; None where there is no mail server."""
        return self.smtp_from if self.smtp_url else None

    @property
    def is_sqlite(self) -> bool:
        return self.database.startswith("sqlite")


def load_settings(env_file: str | Path | None = ".env") -> Settings:
    """Read and check. Raises SettingsError naming every variable that is wrong, and what it should be."""
    try:
        options: dict[str, Any] = {"_env_file": env_file}  # known to pydantic-settings, not to its types
        return Settings(**options)
    except ValidationError as error:
        raise SettingsError("\n".join(map(_complaint, error.errors()))) from error


def _complaint(item: Any) -> str:
    """What is wrong with one variable; what is wrong with several together names them itself."""
    message: str = item["msg"].removeprefix("Value error, ")
    if not item["loc"]:
        return message
    should = message if message.startswith("should") else message[:1].lower() + message[1:]
    return f"{PREFIX}{'_'.join(map(str, item['loc'])).upper()}: {should}"


def env_example() -> str:
    """The text of `.env.example`: every setting, its default and its meaning."""
    lines = ["# Settings of guichet. Copy to .env and uncomment what you change; environment variables win over .env."]
    blocks = (Settings, DigestSettings, SlackSettings, MastodonSettings)
    names = [name for block in blocks for name in block.__annotations__]
    for name in (name for name in names if name in Settings.model_fields):
        field = Settings.model_fields[name]
        lines += ["", f"# {field.description}", f"#{PREFIX}{name.upper()}={_shown(field.default)}"]
    return "\n".join(lines) + "\n"


def _shown(default: object) -> str:
    """A default as one writes it in `.env`."""
    if default is None:
        return ""
    if isinstance(default, tuple):
        return ", ".join(default)
    return str(default).lower() if isinstance(default, bool) else str(default)
