"""Ports to those who carry a message: one interface, one file a provider (docs/notifications.md §Providers)."""
