"""How a plant is shown."""

from ui.states import OK, Sign

SIGNS = {"plant:green": Sign(OK, "check", "Green")}
