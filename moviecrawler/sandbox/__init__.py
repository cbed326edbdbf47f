"""An offline replica of TMDB, two image CDNs, OMDB and The Numbers, with faults on request.

It imports nothing from the rest of the project and runs in its own process: a replica that shared code with the parsers
would prove nothing. ``docs/sandbox.md`` describes the catalogue, its edge cases and the control.
"""
