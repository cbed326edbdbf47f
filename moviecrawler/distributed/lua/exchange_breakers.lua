-- include: clock
-- Which hosts are paused and which sources are down, and for how long: tell what this worker knows, get what all know.
-- KEYS: a hash, fact -> its end in seconds since 1970.
-- ARGV: (fact, seconds left, or '' when it holds no more) per fact.
-- Returns {fact, seconds left, fact, seconds left, ...}.
for i = 1, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], string.format('%.6f', now + ARGV[i + 1]))
  end
end
local facts, all = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local left = (tonumber(all[i + 1]) or 0) - now
  if left > 0 then
    facts[#facts + 1], facts[#facts + 2] = all[i], string.format('%.6f', left)
  else
    redis.call('HDEL', KEYS[1], all[i])
  end
end
return facts
