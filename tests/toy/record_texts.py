"""What the record says about the plants."""

AREA_TITLES = {"garden": "Plants"}
AREAS = {"plant": "garden"}
NAMELESS = frozenset({"plant"})
ACTS = {"plant.water": "Plant watered"}
FACTS = {"litres": ("Litres", str)}
