"""What a message says: language, intent, category, urgency, mood, entities, and where it stands in the conversation.

Rules over word lists (`lexicons/*.yaml`), in French and English: offline, explainable, the same answer every time.
"""

from bot.understanding.secrets import mask
from bot.understanding.understander import Understander

__all__ = ["Understander", "mask"]
