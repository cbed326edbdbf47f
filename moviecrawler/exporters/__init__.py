"""What is stored, for other programs and for people: rows of a kind in one of several formats.

A format takes rows and writes to any binary stream, so a file, standard output and a web page can have the same.
"""
