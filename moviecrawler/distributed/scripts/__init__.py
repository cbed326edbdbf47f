"""What happens to a crawl's queue in Redis, each step in one script: nothing is half done, or in two places.

Redis takes nothing back when a script fails in its middle (a key of another type, a right that was taken away), so each
one puts an entry into its new place before it takes it out of the old one: what fails is done twice, and never lost.
"""
