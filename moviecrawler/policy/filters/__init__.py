"""Which titles somebody means: the filter language, and the order of a list. ``docs/filters.md`` describes both."""
