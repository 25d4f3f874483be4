"""What anybody may read of the school's services, without signing in."""
