"""Pages of open days: ``family`` for people without an account, ``mine`` for the staff, ``office`` for the organiser, ``gate``."""
