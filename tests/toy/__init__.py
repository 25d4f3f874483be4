"""An app that no other file names: what it brings must be found (tests/architecture/test_registry.py)."""
