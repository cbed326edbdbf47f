-- include: clock common current
-- A worker is alive. All keys expire a week after the last heartbeat.
-- ARGV: generation, worker, lease in seconds.
-- Returns the number of living workers.
redis.call('ZADD', crawl .. 'workers', now + ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', crawl .. 'workers', '-inf', now)
for _, slot in ipairs(redis.call('SMEMBERS', crawl .. 'slots')) do
  redis.call('EXPIRE', crawl .. 'queue:' .. slot, 604800)
end
for _, name in ipairs(names) do redis.call('EXPIRE', crawl .. name, 604800) end
redis.call('EXPIRE', base .. ':current', 604800)
return redis.call('ZCARD', crawl .. 'workers')
