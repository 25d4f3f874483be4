"""Screens of the operator, the union and finance."""
