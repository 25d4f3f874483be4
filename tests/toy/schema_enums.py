"""Names of the plants' closed lists in the OpenAPI document."""

ENUMS = {"PlantKindEnum": ("fern", "moss")}
