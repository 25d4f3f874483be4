"""The emergency chain: rules, tables, engine (docs/emergency.md)."""
