"""A crawl from its first worker to its last: who is in it, who seeds it, and when it is over."""

from moviecrawler.distributed.scripts.pieces import CLOCK, CURRENT, DISCARD, PENDING

JOIN = (
    CLOCK
    + DISCARD
    + PENDING
    + """
-- ARGV: '', worker, lease, facts. Returns {generation, begun, left by workers that are no more, facts}.
local left = 0
local current = redis.call('GET', base .. ':current')
if current then
  local running = base .. ':' .. current .. ':'
  redis.call('ZREMRANGEBYSCORE', running .. 'workers', '-inf', now)
  if redis.call('ZCARD', running .. 'workers') == 0 then
    left = pending(running)
    discard(running)
    current = false
  end
end
local begun = current == false
if begun then
  current = string.format('%.0f', time[1] * 1000000 + time[2])
  redis.call('SET', base .. ':' .. current .. ':facts', ARGV[4])
  redis.call('SET', base .. ':current', current)
end
redis.call('ZADD', base .. ':' .. current .. ':workers', now + ARGV[3], ARGV[2])
for _, key in ipairs({':current', ':' .. current .. ':facts', ':' .. current .. ':workers'}) do
  redis.call('EXPIRE', base .. key, 604800)  -- as BEAT does, for a worker that is lost before its first one
end
return {current, begun and 1 or 0, left, redis.call('GET', base .. ':' .. current .. ':facts')}
"""
)

BEAT = (
    CURRENT
    + """
-- ARGV: generation, worker, lease. A worker lives; what nobody has cared for in a week goes away by itself.
redis.call('ZADD', crawl .. 'workers', now + ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', crawl .. 'workers', '-inf', now)
for _, slot in ipairs(redis.call('SMEMBERS', crawl .. 'slots')) do
  redis.call('EXPIRE', crawl .. 'queue:' .. slot, 604800)
end
for _, name in ipairs(names) do redis.call('EXPIRE', crawl .. name, 604800) end
redis.call('EXPIRE', base .. ':current', 604800)
return redis.call('ZCARD', crawl .. 'workers')
"""
)

SEAT = (
    CURRENT
    + """
-- ARGV: generation, worker. Returns 'mine', 'taken' or 'done'; the seat of a worker that is no more is free.
local seeder = redis.call('GET', crawl .. 'seeder')
if seeder == 'done' then return 'done' end
if seeder and seeder ~= ARGV[2] then
  local until_ = redis.call('ZSCORE', crawl .. 'workers', seeder)
  if until_ and tonumber(until_) > now then return 'taken' end
end
redis.call('SET', crawl .. 'seeder', ARGV[2])
return 'mine'
"""
)

SEEDED = (
    CURRENT
    + """
-- ARGV: generation, worker. Its start() and all that only it can ask for have come to an end.
if redis.call('GET', crawl .. 'seeder') ~= ARGV[2] then return 0 end
redis.call('SET', crawl .. 'seeder', 'done')
return 1
"""
)

COUNT = (
    CURRENT
    + """
-- ARGV: generation. Returns {leased, delayed, handed in, seen, workers, seeder, dead letters, slot, its length, ...}.
redis.call('ZREMRANGEBYSCORE', crawl .. 'workers', '-inf', now)
local counts = {
  redis.call('ZCARD', crawl .. 'leases'), redis.call('ZCARD', crawl .. 'delayed'),
  redis.call('LLEN', base .. ':inbox'), redis.call('SCARD', crawl .. 'seen'),
  redis.call('ZCARD', crawl .. 'workers'), redis.call('GET', crawl .. 'seeder') or '',
  tonumber(redis.call('GET', crawl .. 'buried')) or 0,
}
for _, slot in ipairs(redis.call('SMEMBERS', crawl .. 'slots')) do
  counts[#counts + 1] = slot
  counts[#counts + 1] = redis.call('ZCARD', crawl .. 'queue:' .. slot)
end
return counts
"""
)

LEAVE = (
    CLOCK
    + DISCARD
    + PENDING
    + """
-- ARGV: generation, worker, 1 when a crawl that is over need not wait for titles that people hand in. The last one to
-- leave takes everything away; so does the first one to leave what is over: all others end as well, and one of them
-- may be a lost one that will never leave. Returns the number of others.
redis.call('ZREM', crawl .. 'workers', ARGV[2])
if redis.call('GET', crawl .. 'seeder') == ARGV[2] then redis.call('DEL', crawl .. 'seeder') end
redis.call('ZREMRANGEBYSCORE', crawl .. 'workers', '-inf', now)
local others = redis.call('ZCARD', crawl .. 'workers')
local over = redis.call('GET', crawl .. 'seeder') == 'done' and pending(crawl) == 0
if others == 0 or (ARGV[3] == '1' and over) then
  discard(crawl)
  if redis.call('GET', base .. ':current') == generation then redis.call('DEL', base .. ':current') end
end
return others
"""
)

CLEAR = (
    CLOCK
    + DISCARD
    + """
-- ARGV: ''. Everything of the crawl goes, dead letters included; its workers end.
local current = redis.pcall('GET', base .. ':current')
if type(current) == 'string' then discard(base .. ':' .. current .. ':') end
redis.call('DEL', base .. ':current')
redis.call('UNLINK', base .. ':dead')
return redis.call('UNLINK', base .. ':inbox')
"""
)
