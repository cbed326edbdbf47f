"""Everything in one file, without a server: the default store."""
