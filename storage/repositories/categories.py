"""The category tree."""

from collections.abc import Sequence

from bot.model.tickets import Category
from storage import records
from storage.models import tickets as t
from storage.repositories.base import Repository

_CATEGORIES = records.CATEGORIES.select().order_by(t.categories.c.position, t.categories.c.slug)


class SqlCategories(Repository):
    __slots__ = ()

    def replace(self, categories: Sequence[Category]) -> None:
        self._changes.categories = list(categories)

    async def all(self) -> list[Category]:
        return await self._all(records.CATEGORIES, _CATEGORIES)
