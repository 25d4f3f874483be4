"""Names of the families app's closed lists in the OpenAPI document."""

from families.purposes import Purpose

ENUMS = {"PurposeEnum": Purpose}
