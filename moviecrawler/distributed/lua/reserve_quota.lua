-- Take requests from the quota of a day, or give some back.
-- KEYS: how many of the day are used; kept for two days.
-- ARGV: how many (negative: given back), the limit.
-- Returns {granted, used}.
local n, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local used = tonumber(redis.call('GET', KEYS[1])) or 0
local granted = n < 0 and math.max(n, -used) or math.max(0, math.min(n, limit - used))
if granted ~= 0 then redis.call('SET', KEYS[1], used + granted, 'EX', 172800) end
return {granted, used + granted}
