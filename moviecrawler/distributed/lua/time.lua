-- Returns {seconds since 1970, microseconds}.
return redis.call('TIME')
