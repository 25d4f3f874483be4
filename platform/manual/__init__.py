"""How to use it, told to each role in a few steps, and a short quiz for a school's administrators (requirements 16.15)."""
