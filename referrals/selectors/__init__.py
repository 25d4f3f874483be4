"""What the screens of the journey read. Nothing here locks or writes."""
