"""Articles and questions to measure with: made up, the same on every run, with the word frequencies of real language.

Words come in the order of how often they are used, and the n-th is drawn 1/n as often as the first (Zipf). The head is
made of the little words and the matters of a support desk, the tail of names that are invented, as product names are.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.model.knowledge import Article
from bot.model.values import Audience, Language
from knowledge.chunking import chunks

SEED = 20_260_105
TAIL = 12_000  # invented words of each language
STEPS = 4  # of an article's instructions

_HEAD = {
    Language.EN: "the to a of in and on is it for your you with this not that from or when if as at by be can has are "
    "screen settings account network device option window page button list file folder message line number office "
    "computer program server password printer mailbox calendar phone cable paper signal contract invoice profile "
    "update version name address menu access team room badge keyboard headset camera drive link user language",
    Language.FR: "de la le et les des à en un une du est pour dans il ne sur que pas vous avec ce se votre qui par au "
    "écran réglages compte réseau appareil option fenêtre page bouton liste fichier dossier message ligne numéro "
    "bureau ordinateur logiciel serveur passe imprimante courrier agenda téléphone câble papier signal contrat facture "
    "profil mise version nom adresse menu accès équipe salle badge clavier casque caméra disque lien langue",
}
_TITLES = {
    Language.EN: ("Connect the {} to the {}", "The {} does not show the {}", "Change the {} of a {}", "Set up a {} {}"),
    Language.FR: (
        "Relier le {} au {}",
        "Le {} n'affiche pas le {}",
        "Changer le {} d'un {}",
        "Installer un {} {}",
    ),
}
_ASKED = {
    Language.EN: ("how do I {}?", "{}: what can I do?", "hello, my question is about this: {}", "please help, {}"),
    Language.FR: (
        "comment faire pour {} ?",
        "{} : que puis-je faire ?",
        "bonjour, ma question porte sur ceci : {}",
        "aidez-moi svp, {}",
    ),
}
_PLACES = ("network", "mail", "hardware", "workstations", "applications", "telephony", "files", "access")
_ONSETS: tuple[str, ...] = (*"bcdfgjklmnprstvz", "br", "ch", "dr", "fl", "gr", "pl", "st", "tr")
_CORES: tuple[str, ...] = (*"aeiou", "ai", "ea", "ou")
_ENDS: tuple[str, ...] = ("", *"lnrstx")


class Base:
    """Draws from one stream of chance, so that the same sizes give the same base."""

    def __init__(self, seed: int = SEED) -> None:
        self._chance = random.Random(seed)
        self._words: dict[Language, list[str]] = {}
        self._weights: dict[Language, list[float]] = {}
        for language, head in _HEAD.items():
            invented: dict[str, None] = {}
            while len(invented) < TAIL:
                invented[self._invented()] = None
            words = [*head.split(), *invented]
            self._words[language] = words
            self._weights[language] = list(itertools.accumulate(1 / (rank + 5) for rank in range(len(words))))

    def articles(self, wanted: int) -> list[Article]:
        """Articles that come to at least `wanted` chunks: half of them short, half with sections of their own."""
        made: list[Article] = []
        found = 0
        while found < wanted:
            made.append(self.article(len(made)))
            found += len(chunks(made[-1].body))
        return made

    def article(self, number: int) -> Article:
        language = (Language.EN, Language.FR)[number % 2]
        place = _PLACES[number % len(_PLACES)]
        body = self._paragraph(language, 45)
        if number % 4 > 1:
            body = "\n\n".join(
                (
                    body,
                    f"## {self._phrase(language, 3)}",
                    "\n".join(f"{step + 1}. {self._paragraph(language, 14)}" for step in range(STEPS)),
                    f"## {self._phrase(language, 3)}",
                    self._paragraph(language, 40),
                )
            )
        return Article(
            id=f"{place}/{number:05}",
            origin="bench",
            title=self._title(language),
            body=body,
            language=language,
            category=place,
            audience=Audience.PUBLIC if number % 3 else Audience.INTERNAL,
            revision=f"r{number}",
            phrasings=tuple(self._phrase(language, 7) for _ in range(2)) if number % 5 == 0 else (),
        )

    def questions(self, articles: Sequence[Article]) -> Iterator[tuple[str, Language]]:
        """Without end. Seven in ten are about an article in other words than its title's, the rest about anything."""
        while True:
            about = self._chance.choice(articles)
            language = about.language
            if self._chance.random() < 0.7:
                known = about.title.split()
                kept = [word for word in known if self._chance.random() < 0.8] or known
                said = " ".join((*kept, self._phrase(language, 2)))
            else:
                said = self._phrase(language, self._chance.randint(4, 14))
            yield self._chance.choice(_ASKED[language]).format(said.lower()), language

    def _title(self, language: Language) -> str:
        words = self._words[language]
        return self._chance.choice(_TITLES[language]).format(*(self._chance.choice(words[30:]) for _ in range(2)))

    def _paragraph(self, language: Language, length: int) -> str:
        sentences = [self._phrase(language, self._chance.randint(6, 12)) for _ in range(max(length // 9, 1))]
        return " ".join(f"{sentence.capitalize()}." for sentence in sentences)

    def _phrase(self, language: Language, length: int) -> str:
        return " ".join(self._chance.choices(self._words[language], cum_weights=self._weights[language], k=length))

    def _invented(self) -> str:
        parts = [
            self._chance.choice(_ONSETS) + self._chance.choice(_CORES) for _ in range(self._chance.choice((2, 2, 3)))
        ]
        return "".join(parts) + self._chance.choice(_ENDS)


def write_folder(articles: Sequence[Article], folder: Path) -> None:
    """The articles as Markdown documents."""
    for article in articles:
        file = folder / f"{article.id}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        phrasings = "".join(f"  - {phrasing}\n" for phrasing in article.phrasings)
        file.write_text(
            f'---\ntitle: "{article.title}"\ncategory: {article.category}\naudience: {article.audience}\n'
            f"language: {article.language}\n{'phrasings:' if phrasings else ''}\n{phrasings}---\n\n{article.body}\n",
            encoding="utf-8",
        )
