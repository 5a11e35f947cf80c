"""Secrets are masked before anything is stored; what is only said about passwords stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding import mask
from bot.understanding.secrets import MASK

SECRETS = [  # text, the secret, kind
    ("my password is hunter2", "hunter2", "password"),
    ("my password is sunshine", "sunshine", "password"),
    ("password is Dragon please reset it", "Dragon", "password"),
    ("Password: Winter!2025", "Winter!2025", "password"),
    ("password=correcthorse", "correcthorse", "password"),
    ("pwd: abc123", "abc123", "password"),
    ("my windows password is now Blue-Sky9", "Blue-Sky9", "password"),
    ("the password for the VPN is Blue-Sky9.", "Blue-Sky9", "password"),
    ("i changed my password to Winter2025! and it fails", "Winter2025!", "password"),
    ("my password is 'correct horse battery staple'", "correct horse battery staple", "password"),
    ("MY PASSWORD IS HUNTER", "HUNTER", "password"),
    ("login: jdupont / pass: Tr0ub4dor&3", "Tr0ub4dor&3", "password"),
    ("login/mdp : jdupont / Azerty123", "Azerty123", "password"),
    ("mdp : Soleil2024!", "Soleil2024!", "password"),
    ("mdp Soleil2024!", "Soleil2024!", "password"),
    ("mot de passe = azerty", "azerty", "password"),
    ("mot de passe: soleil, merci", "soleil", "password"),
    ("mon mdp c'est Chaton75", "Chaton75", "password"),
    ("mon mot de passe est «le chat noir»", "le chat noir", "password"),
    ("Le mot de passe du wifi est Bienvenue123", "Bienvenue123", "password"),
    ("clé wifi : 8F2C-99AA-TT", "8F2C-99AA-TT", "password"),
    ("my pin is 4821", "4821", "password"),
    ("code pin 1234", "1234", "password"),
    ("code PUK : 12345678", "12345678", "password"),
    ("the verification code is 482913", "482913", "password"),
    ("https://bob:s3cr3t@host.example.org/x", "s3cr3t", "password"),
    ("xoxb-123456789012-abcdefABCDEF", "123456789012-abcdefABCDEF", "token"),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklmnopqrstuvwxyz0123456789", "token"),
    ("token: abcd1234efgh", "abcd1234efgh", "token"),
    ("Authorization: Bearer abcdefghijklmnop1234", "abcdefghijklmnop1234", "token"),
    ("see eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_DEF-123 here", "eyJzdWIiOiIxIn0", "token"),
    ("sk-proj-abcdefghijklmnop1234567890", "abcdefghijklmnop1234567890", "key"),
    ("key AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE", "key"),
    ("api_key=9f8e7d6c5b4a", "9f8e7d6c5b4a", "key"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY----- help", "MIIEow", "key"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz", "b3BlbnNz", "key"),
    ("4111 1111 1111 1111", "1111 1111", "card"),
    ("ma carte 5555-5555-5555-4444 est refusée", "5555-4444", "card"),
    ("378282246310005", "378282246310005", "card"),
    ("FR76 3000 6000 0112 3456 7890 189", "0112 3456", "card"),
]

STATEMENTS = [
    "I forgot my password",
    "password expired",
    "password is wrong",
    "password is not working",
    "my password is expired",
    "my password is always rejected",
    "my password is being refused",
    "my password is correct but it says wrong",
    "password is too short",
    "my password is about to expire",
    "my password was changed by someone",
    "The password is the same as before",
    "Password: how do I change it?",
    "what is the password policy?",
    "I changed my password yesterday and Outlook keeps asking",
    "the password page is blank",
    "password for my laptop is lost",
    "my wifi password is what?",
    "error 691 password",
    "I can't pass the login page",
    "token expired",
    "my token is not working",
    "the api key is invalid",
    "mon mot de passe ne marche pas",
    "mot de passe oublié",
    "mdp oublié",
    "mon mdp est périmé",
    "mon mot de passe est expiré",
    "mon mot de passe est refusé",
    "mon mot de passe n'est pas accepté",
    "mon mot de passe est-il bon ?",
    "mot de passe : comment le changer ?",
    "Mot de passe : problème de connexion depuis ce matin",
    "mot de passe = impossible à changer",
    "le mot de passe est demandé en boucle",
    "le mot de passe que j'ai reçu ne marche pas",
    "le mdp windows c'est lequel ?",
    "le mot de passe wifi c'est quoi svp",
    "mot de passe Office365",
    "code PIN bloqué",
    "code d'erreur 0x80070005",
    "mon numéro est le 06 12 34 56 78",
    "IMEI 356938035643809",
    "commande 4111111111111112",
    "T12, ticket 15, LX-420",
]


@pytest.mark.parametrize(("text", "secret", "kind"), SECRETS, ids=[text[:40] for text, _, _ in SECRETS])
def test_a_secret_is_masked(text: str, secret: str, kind: str) -> None:
    masked = mask(text)
    assert secret not in masked.text
    assert MASK in masked.text
    assert kind in [found.kind for found in masked.secrets]


@pytest.mark.parametrize("text", STATEMENTS)
def test_talk_about_passwords_is_kept(text: str) -> None:
    masked = mask(text)
    assert masked.text == text
    assert masked.secrets == ()


def test_masking_what_is_masked_changes_nothing() -> None:
    once = mask("login: bob, password: hunter2, token: abcd1234efgh")
    assert mask(once.text).text == once.text


def test_the_rest_of_the_text_is_untouched() -> None:
    assert mask("Hi,\nmy password is hunter2, it fails.\nBob").text == f"Hi,\nmy password is {MASK}, it fails.\nBob"


STRONG = st.text("abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=8, max_size=24).filter(
    lambda word: any(char.isdigit() for char in word) and sum(char.isalpha() for char in word) >= 2
)
FRAMES = [
    "my password is {}",
    "mdp : {}",
    "mot de passe = {}",
    "le mot de passe est {} merci",
    "login bob pass: {}",
    "pwd={}",
]


@given(STRONG, st.sampled_from(FRAMES), st.text(max_size=60), st.text(max_size=60))
def test_no_part_of_a_strong_password_is_left(secret: str, frame: str, before: str, after: str) -> None:
    masked = mask(f"{before}\n{frame.format(secret)}\n{after}")
    assert secret not in masked.text.replace(before, "", 1).replace(after, "", 1)


@given(st.text(max_size=400))
def test_any_text_can_be_masked(text: str) -> None:
    masked = mask(text)
    assert bool(masked.secrets) == (masked.text != text)
