"""Anonymous surveys: nothing that is kept joins an answer to whoever gave it (rules §6, ADR 0038)."""
