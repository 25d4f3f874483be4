"""Which stretch of which resource is taken, across all schools: holds, capacity, waiting lists. Knows no school and no person."""
