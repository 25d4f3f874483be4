"""Makes the sounds of the quiet corner before anybody asks for them (a second or two each). Safe to run twice."""

from typing import Any

from django.core.management.base import BaseCommand

from content.playing import sound_file
from content.sounds import SOUNDS


class Command(BaseCommand):
    help = "Make the sounds of the quiet corner."

    def handle(self, *args: Any, **options: Any) -> None:
        for sound in SOUNDS:
            self.stdout.write(str(sound_file(sound.key)))
