-- include: clock common
-- Hand dead letters in again; what is no entry of this version stays where it is.
-- ARGV: ''.
-- Returns {handed in, id, id, ...}, with the ids of those that stay.
local result = {0}
local current = redis.call('GET', base .. ':current')
local letters = redis.call('HGETALL', base .. ':dead')
for i = 1, #letters, 2 do
  local entry = string.match(letters[i + 1], '^[^\n]*\n[^\n]*\n(.*)$')
  local sequence, _, score, slot, payload = parse_entry(entry or '')
  if sequence then
    redis.call('RPUSH', base .. ':inbox', score .. ' ' .. slot .. ' ' .. payload)
    redis.call('HDEL', base .. ':dead', letters[i])
    if current and string.match(letters[i], '^(%d+):') == current then
      redis.call('DECR', base .. ':' .. current .. ':dead_count')
    end
    result[1] = result[1] + 1
  else
    result[#result + 1] = letters[i]
  end
end
return result
