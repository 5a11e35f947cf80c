"""The desk of the engine's tests."""

from tests.engine.conftest import desk, sampled, sampled_home, staffed

__all__ = ["desk", "sampled", "sampled_home", "staffed"]
