#!/usr/bin/env python
"""Django's command line. Commands that change the schema run as the database's owner."""

import os
import sys

_AS_OWNER = {"migrate", "makemigrations", "sqlmigrate", "showmigrations", "dbshell"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.dev")
    if len(sys.argv) > 1 and sys.argv[1] in _AS_OWNER:
        os.environ.setdefault("XINQIAO_AS_OWNER", "1")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
