-- include: clock common current
-- Requests whose lease has run out (their worker is lost) go back into their queues, up to 100 at a time; after too many
-- deliveries they become dead letters.
-- ARGV: generation, lease in seconds, most deliveries.
-- Returns {queued, dead}.
local last = redis.call('GET', crawl .. 'checked_at')
redis.call('SET', crawl .. 'checked_at', string.format('%.6f', now))
if last and now - last > ARGV[2] / 2 then
  -- Redis itself was away, so no worker could renew: every lease starts anew.
  for _, key in ipairs({'leases', 'workers'}) do
    for _, member in ipairs(redis.call('ZRANGE', crawl .. key, 0, -1)) do
      redis.call('ZADD', crawl .. key, now + ARGV[2], member)
    end
  end
  return {0, 0}
end
local queued, dead = 0, 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', crawl .. 'leases', '-inf', now, 'LIMIT', 0, 100)) do
  local _, entry = parse_lease(redis.call('HGET', crawl .. 'leased', id) or '')
  if entry then
    local _, deliveries, score, slot = parse_entry(entry)
    if not deliveries then
      add_dead_letter(id, OTHER_VERSION, entry)
      dead = dead + 1
    elseif tonumber(deliveries) >= tonumber(ARGV[3]) then
      add_dead_letter(id, 'delivered ' .. deliveries .. ' times, and each time the worker was lost', entry)
      dead = dead + 1
    else
      enqueue(score, slot, entry)
      queued = queued + 1
    end
  end
  redis.call('ZREM', crawl .. 'leases', id)
  redis.call('HDEL', crawl .. 'leased', id)
end
return {queued, dead}
