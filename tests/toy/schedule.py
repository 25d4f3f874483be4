"""When the plants are looked at."""

BEAT = {"plants": {"task": "toy.look", "schedule": 60.0}}
