"""A home with indexed samples, from the engine's tests."""

from tests.engine.conftest import sampled_home as sampled_home
