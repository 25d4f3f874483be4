"""The pages of the manual, and the administrators quiz."""
