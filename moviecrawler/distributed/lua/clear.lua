-- include: clock common
-- Delete everything of the crawl, dead letters included; its workers end.
-- ARGV: ''.
local current = redis.pcall('GET', base .. ':current')
if type(current) == 'string' then discard(base .. ':' .. current .. ':') end
redis.call('DEL', base .. ':current')
redis.call('UNLINK', base .. ':dead')
return redis.call('UNLINK', base .. ':inbox')
