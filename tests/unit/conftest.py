"""Property tests on a busy machine: a slow example is no failure."""

from hypothesis import settings

settings.register_profile("unit", deadline=None)
settings.load_profile("unit")
