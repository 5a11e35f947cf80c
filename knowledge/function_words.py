"""The words that questions are made of rather than about: closed classes, auxiliaries, light verbs, courtesies.

In lower case and without accents, since people leave those out.
"""

from bot.model.values import Language

_ENGLISH = """
a an the this that these those my your his her its our their mine yours ours theirs one
i me you he him she it we us they them myself yourself itself themselves who whom whose which what where when why how
and or but nor so if then than as because while until although though
of in on at by for with without from to into onto upon about over under between through during before after above
below against among out off up down
not no don t s m re ve ll d n very too also still yet already ever never only just even again here there now once
more most less least much many some any all both each every other another such own same few several
be am is are was were been being do does did doing done have has had having
can could will would shall should may might must cannot
get got gets getting make makes made making want wants go goes going need needs
hello hi please thanks thank
"""

_FRENCH = """
le la les l un une des du de d au aux a ce cet cette ces cela ca ceci celui celle ceux celles c
mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs
je j tu il elle on nous vous ils elles me m te t se s lui y en moi toi soi eux
qui que qu quoi dont ou quel quelle quels quelles lequel laquelle lesquels lesquelles auquel duquel
et mais donc or ni car si comme quand lorsque lorsqu puisque puisqu parce pourquoi comment combien afin
dans par pour sur sous avec sans vers chez entre depuis pendant avant apres jusque jusqu contre des lors selon
malgre vis hors parmi
ne n pas plus moins tres trop peu aussi encore toujours jamais deja ici la alors ainsi puis ensuite bien meme
tout tous toute toutes autre autres aucun aucune chaque plusieurs certain certains certaine certaines quelque quelques
tel telle tels telles assez beaucoup rien
etre suis es est sommes etes sont etais etait etaient ete serai sera seront serait seraient soit soient etant
avoir ai as avons avez ont avais avait avaient eu aurai aura auront aurait auraient ayant ait aient
faire fais fait faites font fera ferait faisant pouvoir peux peut pouvons pouvez peuvent pourra pourrait puisse
devoir dois doit devons devez doivent devra devrait du
vouloir veux veut voulons voulez veulent voudrais voudrait falloir faut faudra faudrait
aller vais va vas allons allez vont savoir sais sait savez
bonjour merci svp
"""

FUNCTION_WORDS = {Language.EN: frozenset(_ENGLISH.split()), Language.FR: frozenset(_FRENCH.split())}
