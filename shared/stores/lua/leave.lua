-- ARGV: now, then host, lane, most of each place to give back.
leave_all(2)
