"""Everything that can go wrong and has a name.

GuichetError
├── SettingsError            a setting is missing or wrong; the message names it and says what it should be
├── AlreadyRunning           another process owns this home; says which
├── InvalidInput             a person or a caller gave something unusable; the message is for them
├── StorageError
│   ├── StorageUnavailable   the database cannot be reached
│   │   └── DatabaseDamaged  its file can be read, but is no intact database
│   ├── UpgradeNeeded        the database is empty or of an older release
│   ├── StaleWrite           a row changed since it was read: read again and try again
│   ├── LeaseLost            the inbox row is in other hands by now: drop what was done
│   ├── FileMissing          the file store has no such file (any more)
│   └── BackupError          a backup cannot be read, or would overwrite something
├── KnowledgeError
│   ├── LoadError            one document cannot be read; names it and says why
│   ├── IndexUnavailable     the index cannot be reached or opened
│   └── ModelUnavailable     the embedding model is not installed, damaged, or cannot be had
├── ModelError               the language model failed, was late, or answered nonsense
├── FileRefused              a file that is not taken: `reason` says why
├── IllegalTransition        a ticket cannot go from where it is to there
└── DeliveryError            nothing was posted, or perhaps it was:
    ├── RateLimited          not posted; try again after `retry_after` seconds
    ├── PlatformUnavailable  not posted; try again later
    ├── DeliveryRefused      not posted and never will be (archived room, revoked token, …)
    │   └── TargetGone       what it answers was deleted meanwhile
    └── OutcomeUnknown       the call went out and no answer came back
        └── Unfinished       the first parts are posted; the rest surely is not, and may be tried after `retry_after`
                             seconds, where that is known
"""


class GuichetError(Exception):
    """The root of every error of ours."""


class SettingsError(GuichetError):
    pass


class AlreadyRunning(GuichetError):
    pass


class InvalidInput(GuichetError):
    pass


class StorageError(GuichetError):
    pass


class StorageUnavailable(StorageError):
    pass


class DatabaseDamaged(StorageUnavailable):
    pass


class UpgradeNeeded(StorageError):
    pass


class StaleWrite(StorageError):
    pass


class LeaseLost(StorageError):
    pass


class FileMissing(StorageError):
    pass


class BackupError(StorageError):
    pass


class KnowledgeError(GuichetError):
    pass


class LoadError(KnowledgeError):
    def __init__(self, document: str, reason: str) -> None:
        super().__init__(f"{document}: {reason}")
        self.document = document
        self.reason = reason


class IndexUnavailable(KnowledgeError):
    pass


class ModelUnavailable(KnowledgeError):
    pass


class ModelError(GuichetError):
    pass


class FileRefused(GuichetError):
    """`reason`: too_large, wrong_type, empty, gone, refused, unreachable, too_many."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the file is not taken: {reason}")
        self.reason = reason


class IllegalTransition(GuichetError):
    pass


class DeliveryError(GuichetError):
    pass


class RateLimited(DeliveryError):
    def __init__(self, retry_after: float) -> None:
        super().__init__(f"rate limited, try again in {retry_after:g} s")
        self.retry_after = retry_after


class PlatformUnavailable(DeliveryError):
    pass


class DeliveryRefused(DeliveryError):
    pass


class TargetGone(DeliveryRefused):
    pass


class OutcomeUnknown(DeliveryError):
    pass


class Unfinished(OutcomeUnknown):
    def __init__(self, because: DeliveryError) -> None:
        super().__init__(str(because))
        self.retry_after = because.retry_after if isinstance(because, RateLimited) else None
