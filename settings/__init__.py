"""The composition root. Every entry point imports this first, so the platform folder gets its place on the path here.

``platform`` is also a module of the standard library: the folder has no ``__init__.py`` and its apps are imported
by their own names (docs/adr/0001-platform-folder.md).
"""

import sys
from pathlib import Path

_platform = str(Path(__file__).resolve().parent.parent / "platform")
if _platform not in sys.path:
    sys.path.insert(0, _platform)
