"""What must have a row in the table of disclosures: every column of our tables, every address of the resolver."""

from pathlib import Path

from django.apps import apps

from disclosure.table import models, pages
from tests.tenancy.addresses import addresses

OF_EVERY_TABLE = {"id", "tenant"}
"""Keys: they say nothing, and every table has them."""


def columns_of_our_tables() -> dict[str, set[str]]:
    """``app.Model`` → its own concrete fields, of the apps that are code of the product."""
    return {
        model._meta.label: {column.name for column in model._meta.local_concrete_fields} - OF_EVERY_TABLE
        for config in apps.get_app_configs()
        if "site-packages" not in Path(config.path).parts
        for model in config.get_models(include_auto_created=True)
    }


def without_row() -> dict[str, list[str]]:
    """``app.Model`` → columns that nobody has said anything about."""
    told = models()
    found = {name: sorted(columns - told.get(name, {}).keys()) for name, columns in columns_of_our_tables().items()}
    return {name: columns for name, columns in found.items() if columns}


def rows_of_nothing() -> dict[str, list[str]]:
    """Rows of tables and columns that are no more."""
    there = columns_of_our_tables()
    found = {name: sorted(row.keys() - there.get(name, set())) for name, row in models().items()}
    return {name: columns for name, columns in found.items() if columns}


def address_names() -> set[str]:
    """Every address by its name, the CMS as one."""
    return {address.name for address in addresses(("cms/",))} | {"cms"}


def pages_without_row() -> list[str]:
    """Addresses that nobody has said anything about."""
    return sorted(address_names() - pages().keys())
