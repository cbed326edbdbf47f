-- include: clock common current
-- ARGV: generation.
-- Returns {leased, delayed, handed in, seen, workers, seeder, dead letters, slot, its length, slot, its length, ...}.
redis.call('ZREMRANGEBYSCORE', crawl .. 'workers', '-inf', now)
local counts = {
  redis.call('ZCARD', crawl .. 'leases'), redis.call('ZCARD', crawl .. 'delayed'),
  redis.call('LLEN', base .. ':inbox'), redis.call('SCARD', crawl .. 'seen'),
  redis.call('ZCARD', crawl .. 'workers'), redis.call('GET', crawl .. 'seeder') or '',
  tonumber(redis.call('GET', crawl .. 'dead_count')) or 0,
}
for _, slot in ipairs(redis.call('SMEMBERS', crawl .. 'slots')) do
  counts[#counts + 1] = slot
  counts[#counts + 1] = redis.call('ZCARD', crawl .. 'queue:' .. slot)
end
return counts
