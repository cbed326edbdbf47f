"""An offline replica of TMDB, two image CDNs, OMDB and The Numbers, with faults on request.

It imports nothing of the rest of the project, and runs as a process of its own: a replica that shares code with the
parser would prove nothing. ``docs/sandbox.md`` describes the catalogue, its surprises and the controls.
"""
