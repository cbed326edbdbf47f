-- Only Redis's own clock counts. now: seconds since 1970, with microseconds.
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
