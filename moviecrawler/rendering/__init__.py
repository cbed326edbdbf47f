"""Pictures: safe decode, resize, encode, and the title backdrop. Pillow, no Scrapy, no I/O but files.

Everything here is a plain function or an immutable value; callers run it in a thread pool.
"""
