from tests.engine.conftest import sampled_home as sampled_home
