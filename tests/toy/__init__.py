"""An app that nobody knows: what it brings must be found without a word elsewhere (tests/architecture/test_registry.py)."""
