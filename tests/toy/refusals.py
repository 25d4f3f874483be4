"""Why a plant is not watered."""

from registry.refusals import Row

ROWS = {"plant_wet": Row("The soil is wet", "Nothing was poured.", "Come back tomorrow.")}
