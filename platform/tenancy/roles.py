"""Names of the four database roles. The cluster creates them; the policies name them."""

OWNER = "xinqiao_owner"
APP = "xinqiao_app"
PARTNER = "xinqiao_partner"
SYSTEM = "xinqiao_system"

ENGINE = "xinqiao_engine"
ENGINE_SYSTEM = "xinqiao_engine_system"
"""Members of app and of system: by these the engine and the watchdog come, where connections are reserved (``deploy/reserve.sh``)."""

BY_SCOPE = {"app": APP, "partner": PARTNER, "system": SYSTEM}
