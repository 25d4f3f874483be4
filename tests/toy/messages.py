"""What is written about the plants."""

from notifications.texts import Text, Topic

MESSAGES = {"plant_dry": Text(Topic.WORK, ("该浇水了", "请看一下。"), ("Time to water", "Please have a look."))}
