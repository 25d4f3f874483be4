"""Pages of tips: ``family`` for people without an account, ``editors`` for the desk."""
