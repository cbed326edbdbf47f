"""How requests come into the queue: found by a callback, after a wait, or handed in by a person."""

from moviecrawler.distributed.scripts.pieces import CLOCK, CURRENT, ENTRY

PUSH = (
    CURRENT
    + ENTRY
    + """
-- ARGV: generation, then (once, slot, score, delay, payload) per request. Returns how many had been seen.
local seen = 0
for i = 2, #ARGV, 5 do
  local once, slot, score, delay, payload = unpack(ARGV, i, i + 4)
  if once ~= '' and redis.call('SISMEMBER', crawl .. 'seen', once) == 1 then
    seen = seen + 1
  else
    local new = entry(sequence(), 0, score, slot, payload)
    if tonumber(delay) > 0 then redis.call('ZADD', crawl .. 'delayed', now + delay, new)
    else queue(score, slot, new) end
    if once ~= '' then redis.call('SADD', crawl .. 'seen', once) end
  end
end
return seen
"""
)

WAKE = (
    CURRENT
    + ENTRY
    + """
-- ARGV: generation. What had to wait until now goes into its queue.
local due = redis.call('ZRANGEBYSCORE', crawl .. 'delayed', '-inf', now, 'LIMIT', 0, 500)
for _, waiting in ipairs(due) do
  local sequence, _, score, slot = parts(waiting)
  if sequence then queue(score, slot, waiting)
  else bury(redis.sha1hex(waiting), 'no entry of this version', waiting) end
  redis.call('ZREM', crawl .. 'delayed', waiting)
end
return #due
"""
)

TAKE_IN = (
    CURRENT
    + ENTRY
    + """
-- ARGV: generation. What people have handed in ('SCORE SLOT PAYLOAD') goes into its queue.
local taken = 0
while taken < 500 do
  local given = redis.call('LINDEX', base .. ':inbox', 0)
  if not given then break end
  local score, slot, payload = string.match(given, '^(-?%d+) (%S+) (.*)$')
  if score and #score < 10 then queue(score, slot, entry(sequence(), 0, score, slot, payload))
  else bury(redis.sha1hex(given), 'no request', given) end
  redis.call('LPOP', base .. ':inbox')
  taken = taken + 1
end
return taken
"""
)

RETRY_DEAD = (
    CLOCK
    + ENTRY
    + """
-- ARGV: ''. Dead letters are handed in again; what is no entry stays where it is. Returns {handed in, id, id, ...} with
-- those that stay.
local found = {0}
local current = redis.call('GET', base .. ':current')
local all = redis.call('HGETALL', base .. ':dead')
for i = 1, #all, 2 do
  local letter = string.match(all[i + 1], '^[^\\n]*\\n[^\\n]*\\n(.*)$')
  local sequence, _, score, slot, payload = parts(letter or '')
  if sequence then
    redis.call('RPUSH', base .. ':inbox', score .. ' ' .. slot .. ' ' .. payload)
    redis.call('HDEL', base .. ':dead', all[i])
    if current and string.match(all[i], '^(%d+):') == current then
      redis.call('DECR', base .. ':' .. current .. ':buried')
    end
    found[1] = found[1] + 1
  else
    found[#found + 1] = all[i]
  end
end
return found
"""
)
