"""What a post in public says: a complaint or not, how urgent, in what mood. Learnt, unlike the rules for messages.

A complaint is a statement that expresses a breach between what happened and what was expected of an organisation
(Olshtain and Weinbach, "Complaints: a study of speech act behavior", 1987). A question, a wish and a bad mood are none.

`corpus/` holds the posts it is learnt from, `weights.json` what was learnt; `make train-complaints` makes the one from
the other and prints how well that does on posts of authors and themes it has not seen.
"""

from bot.understanding.posts.reader import PostReader, looks_like_a_post
from bot.understanding.posts.verdict import Verdict

__all__ = ["PostReader", "Verdict", "looks_like_a_post"]
