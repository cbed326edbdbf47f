"""A database of a MongoDB server (5.0 or newer), for several machines at once."""
