"""Many schools in one database, behind two walls: the scoped manager and row-level security (house §Tenancy)."""
