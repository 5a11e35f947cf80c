"""All rules over one message, in order."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.model.understanding import Understanding
from bot.model.values import Intent, Language
from bot.understanding.body import body, without_sent_from
from bot.understanding.category import CategoryFinder
from bot.understanding.deadline import deadline
from bot.understanding.dialogue import Dialogue, dialogue
from bot.understanding.entities import entities, ticket_references
from bot.understanding.escalation import escalation, without_hypotheses
from bot.understanding.intent import intent
from bot.understanding.language import detect, load
from bot.understanding.lexicon import lexicon
from bot.understanding.normalise import BOUNDARY, Normaliser
from bot.understanding.posts import PostReader, Verdict
from bot.understanding.secrets import mask
from bot.understanding.sentiment import Mood, sentiment
from bot.understanding.urgency import Pressure, urgency

if TYPE_CHECKING:
    from bot.categories import Categories  # which reads words as this package does
    from bot.devices import DeviceCatalogue

_QUOTED = re.compile(r"\s*“[^”]*”")
_LONGEST = 5_000  # characters looked at; the desk refuses longer texts
# Where a matter belongs that names none of a category's words, if the organisation has such a category.
_USUAL_PLACE = {
    Intent.SECURITY: "security",
    Intent.BILLING: "telephony/billing",
    Intent.DISPUTE: "telephony/billing",
    Intent.PLAN: "telephony/plans",
    Intent.ACTIVATION: "telephony",
}


class Understander:
    """Holds the compiled word lists; understanding a message changes nothing."""

    def __init__(
        self,
        categories: Categories,
        language_default: Language = Language.EN,
        devices: DeviceCatalogue | None = None,
    ) -> None:
        """`devices`: models that are known, found besides those that look like one, and called by their full names."""
        self._categories = categories
        self._language = language_default
        self._devices = devices
        self._models = devices.spoken() if devices else ()
        self._lexicon = lexicon()
        self._finder = CategoryFinder(categories, self._lexicon.normaliser)
        self._matters = _words_of_one_language(categories, self._lexicon.normaliser)

    def warm(self) -> None:
        """Load what only some messages need. Slow, safe to call from a thread while messages are understood."""
        load()
        PostReader.load().read("", Language.EN)
        PostReader.load().read("", Language.FR)

    def understand(
        self,
        text: str,
        *,
        locale: str | None = None,
        language: Language | None = None,
        previous: Language | None = None,
        post: bool = False,
    ) -> Understanding:
        """Everything the text says.

        `language` is wanted by the caller and settles it; `previous` is the conversation's, `locale` the person's. Only
        the first 5,000 characters are read for their meaning; secrets are masked in the whole text. Of a `post`,
        complaint, urgency and sentiment are what was learnt from posts; of a message, which mostly tells of a fault
        and expects no less, they are what the rules say. When a ticket is due at once is the rules' in both.
        """
        masked = mask(text)
        whole_text = without_sent_from(masked.text[:_LONGEST])
        said = body(masked.text[:_LONGEST])
        tokens = self._lexicon.normaliser.tokens(said)
        evidence = without_hypotheses(self._lexicon.sentences.find(tokens, said))
        names = entities(whole_text, evidence, self._models)
        references = ticket_references(whole_text, names.devices)
        if self._devices:
            names = replace(names, devices=self._devices.named(names.devices))

        raw = [token.text for token in tokens if token.text != BOUNDARY]
        spoken = detect(said, raw, self._matters, previous=previous, locale=locale, default=self._language)
        tongue = language or spoken.language
        only_a_reference = bool(references) and len(raw) == 1
        turn = dialogue(tokens, said, evidence, self._lexicon.whole)
        small_talk = turn.thanks or turn.greeting
        due = deadline(evidence)
        wish, wish_words = intent(evidence, small_talk=small_talk)
        if only_a_reference:
            wish, wish_words = Intent.STATUS, said.strip()
        mood = sentiment(said, evidence)
        handing_over = escalation(evidence, mood.sentiment, small_talk=small_talk)
        pressure = urgency(evidence, wish, due)
        place = self._finder.find(tokens, said, tongue)
        slug = self._category(place.slug, wish)
        verdict = PostReader.load().read(said, tongue) if post else None

        return Understanding(
            text=masked.text,
            language=tongue,
            intent=wish,
            urgency=verdict.urgency if verdict else pressure.urgency,
            sentiment=verdict.sentiment if verdict else mood.sentiment,
            category=slug,
            complaint=verdict.complaint if verdict else handing_over.complaint,
            chance_of_complaint=verdict.chance if verdict else None,
            wants_human=handing_over.wants_human,
            deadline=due.words if due else None,
            entities=names,
            secrets=masked.secrets,
            ticket_at_once=handing_over.ticket_at_once,
            feedback=turn.feedback,
            choice=turn.choice,
            settled=turn.settled,
            thanks=turn.thanks,
            greeting=turn.greeting,
            asks_status=evidence.has("intent.status") or only_a_reference,
            new_question=turn.new_question,
            vague=turn.vague,
            references=references,
            because=_because(
                f"language {tongue.value}: {'wanted' if language else spoken.reason}",
                {
                    f"intent {wish.value}": wish_words,
                    f"category {slug}": ", ".join(place.words) or (wish_words if slug else ""),
                    **_weighed(verdict, pressure, mood),
                    f"ticket at once, {handing_over.ticket_at_once}": handing_over.words,
                    "deadline": due.words if due else "",
                },
                turn,
            ),
        )

    def _category(self, found: str | None, wish: Intent) -> str | None:
        """What the words point to; where a danger is concerned, security, whatever was stolen or broken into."""
        usual = _USUAL_PLACE.get(wish)
        if usual in self._categories and (found is None or wish is Intent.SECURITY):
            return usual
        return found


def _weighed(verdict: Verdict | None, pressure: Pressure, mood: Mood) -> dict[str, str]:
    """What told urgency, mood and complaint: the rules' words, or the traits of a post that weighed most."""
    if verdict is None:
        return {
            f"urgency {pressure.urgency.value}": pressure.words,
            f"sentiment {mood.sentiment.value}": ", ".join(mood.words),
        }
    kind = "a complaint" if verdict.complaint else "no complaint"
    # What stands before the colon is recorded: the traits by their names, and no word of the person.
    plain = (_QUOTED.sub("", reason).removeprefix("despite").strip() for reason in verdict.because)
    names = dict.fromkeys(name or "its words" for name in plain)
    rule = ", ".join((f"post, {kind} ({verdict.chance:.2f})", *names))
    return {rule: "; ".join(verdict.because) or "nothing in it weighs much"}


def _because(language: str, fired: dict[str, str], turn: Dialogue) -> tuple[str, ...]:
    """Each rule that fired with the words that made it fire, then what the whole message is."""
    rules = [f"{rule}: {' '.join(words.split())}" for rule, words in fired.items() if words]
    rules += [name for name in ("settled", "thanks", "greeting", "new_question", "vague") if getattr(turn, name)]
    rules += [f"feedback {turn.feedback}"] if turn.feedback else []
    return (language, *rules)


def _words_of_one_language(categories: Categories, normaliser: Normaliser) -> dict[Language, frozenset[str]]:
    """Words of the category file that tell the language: "bourrage", "jam", but not "wifi"."""
    words: dict[Language, set[str]] = {language: set() for language in Language}
    for _, language, expressions in categories.words():
        words[language].update(token for text in expressions for token in normaliser.words(text) if len(token) > 2)
    shared = set.intersection(*words.values())
    return {language: frozenset(found - shared) for language, found in words.items()}
