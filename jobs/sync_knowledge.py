"""Follow a folder of documents that people edit, or that git brings up to date."""

from bot.ports.upkeep import KnowledgeFolder


async def sync_knowledge(folder: KnowledgeFolder) -> int:
    """Bring the articles to its state; return how many changed. The index follows by itself."""
    return await folder.sync()
