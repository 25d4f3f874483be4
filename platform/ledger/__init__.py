"""Budgets and quotas as double entry: grant, reserve, commit, release, refund. Imports accounts, audit, tenancy, kernel only."""
