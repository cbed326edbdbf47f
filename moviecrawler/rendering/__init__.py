"""Pictures: safe decode, resize, encode, and the title backdrop. Pillow, no Scrapy, no I/O but files.

Everything here is a plain function or an immutable value: the callers run it in a pool of threads.
"""
