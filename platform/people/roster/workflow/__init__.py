"""The only writers of staff lists: ``previewing`` until a list is confirmed, ``applying`` to write it to the members."""
