-- ARGV: now, stage, count, lease, token. Returns what `claim` does.
return claim(ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], clock(ARGV[1]))
