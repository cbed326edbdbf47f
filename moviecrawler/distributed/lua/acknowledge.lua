-- include: clock common current
-- Requests are done, whichever worker holds them by now.
-- ARGV: generation, ids.
redis.call('ZREM', crawl .. 'leases', unpack(ARGV, 2))
return redis.call('HDEL', crawl .. 'leased', unpack(ARGV, 2))
