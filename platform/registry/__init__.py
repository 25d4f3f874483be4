"""What an app brings lives in the app: each may hold a module ``permissions``, ``refusals``, ``messages`` …, found here.

Knows no app and no module by name; the one who reads a kind of contribution says which (docs/architecture.md §What an app brings).
"""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule


def contributions(module: str, attribute: str) -> Iterator[tuple[str, Any]]:
    """``(app's name, value)`` of ``attribute`` in each of our installed apps' ``module``, in the order of ``INSTALLED_APPS``.

    An app without the module, or whose module lacks ``attribute``, brings nothing.
    """
    for config in apps.get_app_configs():
        if _is_ours(config) and module_has_submodule(config.module, module):
            found = import_module(f"{config.name}.{module}")
            if attribute in vars(found):
                yield config.name, vars(found)[attribute]


def _is_ours(config: AppConfig) -> bool:
    """Whether the app is code of the product: a package of somebody else may have a module of the same name."""
    return config.module is not None and "site-packages" not in Path(config.path).parts


def table(module: str, attribute: str) -> dict[str, Any]:
    """All apps' tables of one kind as one. ValueError when two apps bring the same key."""
    whole: dict[str, Any] = {}
    for name, rows in contributions(module, attribute):
        if twice := whole.keys() & rows.keys():
            raise ValueError(f"{name}.{module}.{attribute} repeats {sorted(twice)}")
        whole |= rows
    return whole
