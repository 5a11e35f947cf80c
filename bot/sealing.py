"""Secrets of others, kept so that the database alone does not give them away."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import SettingsError


class Sealer:
    """Seals and opens with a key made from GUICHET_SECRET_KEY: Fernet (AES-128-CBC and HMAC-SHA256), the key by HKDF
    (RFC 5869). `purpose` parts what is sealed for one thing from what is sealed for another."""

    def __init__(self, secret_key: str, purpose: str) -> None:
        derived = HKDF(SHA256(), 32, salt=None, info=f"guichet {purpose}".encode()).derive(secret_key.encode())
        self._fernet = Fernet(urlsafe_b64encode(derived))

    def seal(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises SettingsError when it was sealed with another key, or has been changed."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except (InvalidToken, UnicodeError) as error:
            raise SettingsError(
                "GUICHET_SECRET_KEY: is not the key that the tokens of workspaces were sealed with; set that one, or "
                "have the app installed again"
            ) from error
