"""The people of a school as its office keeps them."""
