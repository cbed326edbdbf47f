"""How requests leave the queue, and how they come back."""

from moviecrawler.distributed.scripts.pieces import CURRENT, ENTRY

POP = (
    CURRENT
    + ENTRY
    + """
-- ARGV: generation, worker, lease, most, suspects that it may have (0 or 1), number of ids, ids that are done, then
-- (slot, most of it) in the order of preference. One round trip per request: the last one is acknowledged when the next
-- one is leased. A suspect was in work when a worker was lost; a worker has one at a time, so that a request that kills
-- its workers does not take the same others along each time. Returns entries.
local found, left, suspects, done = {}, tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
if done > 0 then
  redis.call('ZREM', crawl .. 'leases', unpack(ARGV, 7, 6 + done))
  redis.call('HDEL', crawl .. 'leased', unpack(ARGV, 7, 6 + done))
end
for i = 7 + done, #ARGV, 2 do
  if left < 1 then break end
  local waiting, taken = crawl .. 'queue:' .. ARGV[i], 0
  for _, first in ipairs(redis.call('ZRANGE', waiting, 0, math.min(left, ARGV[i + 1]) - 1)) do
    local sequence, deliveries, score, slot, payload = parts(first)
    local suspect = sequence and tonumber(deliveries) > 0
    if suspect and suspects < 1 then break end
    if sequence then
      if suspect then suspects = suspects - 1 end
      local new = entry(sequence, deliveries + 1, score, slot, payload)
      redis.call('ZADD', crawl .. 'leases', now + ARGV[3], sequence)
      redis.call('HSET', crawl .. 'leased', sequence, ARGV[2] .. ' ' .. new)
      found[#found + 1] = new
      left = left - 1
    else
      bury(redis.sha1hex(first), 'no entry of this version', first)
    end
    taken = taken + 1
  end
  if taken > 0 then redis.call('ZREMRANGEBYRANK', waiting, 0, taken - 1) end
end
return found
"""
)

ACK = (
    CURRENT
    + """
-- ARGV: generation, ids. They are done, whoever holds them by now.
redis.call('ZREM', crawl .. 'leases', unpack(ARGV, 2))
return redis.call('HDEL', crawl .. 'leased', unpack(ARGV, 2))
"""
)

RENEW = (
    CURRENT
    + ENTRY
    + """
-- ARGV: generation, worker, lease, ids. Returns how many of them are still the worker's.
local kept = 0
for i = 4, #ARGV do
  local lease = redis.call('HGET', crawl .. 'leased', ARGV[i])
  if lease and held_by(lease) == ARGV[2] then
    redis.call('ZADD', crawl .. 'leases', now + ARGV[3], ARGV[i])
    kept = kept + 1
  end
end
return kept
"""
)

GIVE_BACK = (
    CURRENT
    + ENTRY
    + """
-- ARGV: generation, worker, deliveries to forget (0 or 1), most deliveries, reason, ids. Returns {queued, dead}.
local queued, dead = 0, 0
for i = 6, #ARGV do
  local lease = redis.call('HGET', crawl .. 'leased', ARGV[i])
  local worker, held = held_by(lease or '')
  if worker == ARGV[2] then
    local sequence, deliveries, score, slot, payload = parts(held)
    local counted = sequence and deliveries - ARGV[3]
    if not sequence or counted >= tonumber(ARGV[4]) then
      bury(ARGV[i], sequence and ARGV[5] or 'no entry of this version', held)
      dead = dead + 1
    else
      queue(score, slot, entry(sequence, string.format('%d', counted), score, slot, payload))
      queued = queued + 1
    end
    redis.call('ZREM', crawl .. 'leases', ARGV[i])
    redis.call('HDEL', crawl .. 'leased', ARGV[i])
  end
end
return {queued, dead}
"""
)

BURY = (
    CURRENT
    + ENTRY
    + """
-- ARGV: generation, reason, id. What is leased and cannot be read.
local _, held = held_by(redis.call('HGET', crawl .. 'leased', ARGV[3]) or '')
if not held then return 0 end
bury(ARGV[3], ARGV[2], held)
redis.call('ZREM', crawl .. 'leases', ARGV[3])
redis.call('HDEL', crawl .. 'leased', ARGV[3])
return 1
"""
)

LAPSE = (
    CURRENT
    + ENTRY
    + """
-- ARGV: generation, lease, most deliveries. Leases of workers that are no more. Returns {queued, dead}.
local last = redis.call('GET', crawl .. 'tick')
redis.call('SET', crawl .. 'tick', string.format('%.6f', now))
if last and now - last > ARGV[2] / 2 then
  -- Redis itself was away, and nobody could renew: all get a new term.
  for _, key in ipairs({'leases', 'workers'}) do
    for _, member in ipairs(redis.call('ZRANGE', crawl .. key, 0, -1)) do
      redis.call('ZADD', crawl .. key, now + ARGV[2], member)
    end
  end
  return {0, 0}
end
local queued, dead = 0, 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', crawl .. 'leases', '-inf', now, 'LIMIT', 0, 100)) do
  local _, held = held_by(redis.call('HGET', crawl .. 'leased', id) or '')
  if held then
    local _, deliveries, score, slot = parts(held)
    if not deliveries then
      bury(id, 'no entry of this version', held)
      dead = dead + 1
    elseif tonumber(deliveries) >= tonumber(ARGV[3]) then
      bury(id, 'delivered ' .. deliveries .. ' times, and each time the worker was lost', held)
      dead = dead + 1
    else
      queue(score, slot, held)
      queued = queued + 1
    end
  end
  redis.call('ZREM', crawl .. 'leases', id)
  redis.call('HDEL', crawl .. 'leased', id)
end
return {queued, dead}
"""
)
