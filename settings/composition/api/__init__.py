"""Calls of apps that lie below the interface: children, people, jobs (the layers of ``pyproject.toml``)."""
