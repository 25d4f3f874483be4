"""When an institution is open: its weekly hours, and when it is closed although the week says otherwise."""
