-- include: clock common
-- Join the crawl that is under way, or begin a new generation when it has no living worker.
-- ARGV: '', worker, lease in seconds, facts.
-- Returns {generation, 1 when it was begun, requests left by lost workers, facts of whoever began it}.
local left = 0
local current = redis.call('GET', base .. ':current')
if current then
  local prefix = base .. ':' .. current .. ':'
  redis.call('ZREMRANGEBYSCORE', prefix .. 'workers', '-inf', now)
  if redis.call('ZCARD', prefix .. 'workers') == 0 then
    left = pending(prefix)
    discard(prefix)
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
  redis.call('EXPIRE', base .. key, 604800)  -- as heartbeat.lua does, for a worker that is lost before its first one
end
return {current, begun and 1 or 0, left, redis.call('GET', base .. ':' .. current .. ':facts')}
