"""What a member of the staff opens of the chain: their own contacts; a head's report."""
