"""Who may water the plants."""

GRANTS = {"doctor": frozenset({"plant.water"})}
