"""What visitors see of the plants."""

IN_SCHOOL = frozenset({"plant.water"})
