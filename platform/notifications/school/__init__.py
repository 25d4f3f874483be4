"""``/school/channels/``: a school's ways out, for its administration."""
