"""The search index: one derived SQLite file beside the store, which every reader brings up to date first.

Imported only by what reads it, inside functions: a crawl never pays for it.
"""
