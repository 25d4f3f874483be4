"""Which days are worked: the state's table, a school's own changes, and clocks that count such days."""

from django.apps import AppConfig


class WorkdaysConfig(AppConfig):
    name = "workdays"
