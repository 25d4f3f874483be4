"""Names of the four database roles. The cluster creates them; the policies name them."""

OWNER = "xinqiao_owner"
APP = "xinqiao_app"
PARTNER = "xinqiao_partner"
SYSTEM = "xinqiao_system"

BY_SCOPE = {"app": APP, "partner": PARTNER, "system": SYSTEM}
