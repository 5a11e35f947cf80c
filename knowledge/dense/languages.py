"""Which of the desk's languages a model has learnt: asked of the model itself, since names promise more than they hold.

Ten questions of each language are to find the way another person would put them, among ten, without the words in
common that would give them away. MiniLM, which learnt English, finds all twenty ways there and back in English and one
in French.
"""

from collections.abc import Callable, Sequence

from bot.model.values import Language
from knowledge.dense import Embedding

ENOUGH = 15  # of twenty found

SAME = {
    Language.EN: (
        ("How do I get back into my account?", "I forgot my password"),
        ("My computer takes ages to start", "The laptop is very slow when I switch it on"),
        ("Nobody can hear me during the call", "The microphone does not work in meetings"),
        ("The sheet is stuck inside the printer", "Paper jam"),
        ("I was charged too much this month", "My invoice is higher than usual"),
        ("My phone was robbed on the train", "What to do if a device is stolen"),
        ("There is no signal at my house", "The mobile has no network"),
        ("I deleted a document by mistake", "How to restore a lost file"),
        ("A stranger asks me for my bank details by e-mail", "Suspicious message, perhaps phishing"),
        ("I want to take my digits with me to another company", "Keep your number when you change operator"),
    ),
    Language.FR: (
        ("Comment rentrer de nouveau dans mon compte ?", "J’ai oublié mon mot de passe"),
        ("Mon ordinateur met des heures à s’allumer", "Le portable est très lent au démarrage"),
        ("Personne ne m’entend pendant l’appel", "Le micro ne marche pas en réunion"),
        ("La feuille est coincée dans l’imprimante", "Bourrage papier"),
        ("On m’a trop prélevé ce mois-ci", "Ma facture est plus élevée que d’habitude"),
        ("On m’a pris mon téléphone dans le train", "Que faire en cas de vol d’un appareil"),
        ("Je ne capte rien chez moi", "Le mobile n’a pas de réseau"),
        ("J’ai effacé un document par erreur", "Comment récupérer un fichier perdu"),
        ("Un inconnu me demande mes coordonnées bancaires", "Message douteux, peut-être de l’hameçonnage"),
        ("Je veux partir avec mon numéro chez un concurrent", "Garder sa ligne quand on change d’opérateur"),
    ),
}


def learnt(embed: Callable[[Sequence[str]], list[Embedding]]) -> frozenset[Language]:
    """Takes some forty embeddings. Raises what `embed` raises."""
    return frozenset(language for language, pairs in SAME.items() if found(embed, pairs) >= ENOUGH)


def found(embed: Callable[[Sequence[str]], list[Embedding]], pairs: Sequence[tuple[str, str]]) -> int:
    """How many find their like: each first among the seconds, each second among the firsts."""
    import numpy as np  # takes long to import, and is there when there is a model

    firsts = np.array(embed([one for one, _ in pairs]))
    seconds = np.array(embed([other for _, other in pairs]))
    likeness = firsts @ seconds.T
    expected = np.arange(len(pairs))
    return int((likeness.argmax(axis=1) == expected).sum() + (likeness.argmax(axis=0) == expected).sum())
