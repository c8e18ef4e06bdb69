-- scalar: one string
SELECT length(repeat('x', 4000000000))
-- scalar: nested strings
SELECT length(repeat(repeat('x', 1000000), 3000))
-- scalar: lpad
SELECT length(lpad('x', 2000000000, 'ab'))
-- scalar: rpad of every row
SELECT max(rpad(name, 500000000, 'ab')) FROM sales.customers
-- scalar: printf width
SELECT length(printf('%1999999999d', 1))
-- scalar: format width
SELECT length(format('{:1999999999}', 1))
-- scalar: bit string
SELECT bit_count(bitstring('1', 2000000000))
-- scalar: split
SELECT len(string_split(repeat('x,', 400000000), ','))
-- scalar: regular expression over one text
SELECT length(regexp_replace(repeat('ab', 200000000), 'a(b)', 'x\1y', 'g'))
-- scalar: regular expression over every row
SELECT count(*) FROM streams.plays WHERE regexp_matches(repeat(country, 20000), '(U|S)*(US)+(S|U)*Q')
-- scalar: replace that doubles
SELECT length(replace(replace(replace(repeat('a', 9000000), 'a', 'aaaaaaaa'), 'a', 'aaaaaaaa'), 'a', 'aaaaaaaa'))
-- scalar: concat that doubles
WITH RECURSIVE t(s, n) AS (SELECT 'xxxxxxxx', 0 UNION ALL SELECT s || s, n + 1 FROM t WHERE n < 60) SELECT max(length(s)) FROM t
-- scalar: giant number as text
SELECT length(CAST(repeat('9', 900000000) AS VARCHAR) || 'x')
-- scalar: JSON of a long list
SELECT length(to_json(range(60000000))::VARCHAR)
-- list: range
SELECT len(range(500000000))
-- list: generate_series
SELECT len(generate_series(1, 400000000))
-- list: resize
SELECT len(list_resize([1], 4000000000, 0))
-- list: sort
SELECT list_sort(range(100000000), 'DESC')[1]
-- list: distinct
SELECT len(list_distinct(range(60000000)))
-- list: reduce
SELECT list_reduce(range(30000000), lambda a, b: a + b)
-- list: transform to lists
SELECT len(flatten(list_transform(range(20000), lambda x: range(20000))))
-- list: aggregate of every pair
SELECT len(list(a.play_id + b.play_id)) FROM streams.plays a, streams.plays b
-- list: cross product of itself
SELECT len(list_filter(range(40000), lambda x: len(list_filter(range(40000), lambda y: y = x)) > 1))
-- list: a list in every row
SELECT max(len(range(1000000 + play_id))) FROM streams.plays
-- distance: levenshtein
SELECT levenshtein(repeat('ab', 300000), repeat('ba', 300000))
-- distance: levenshtein of the data alone
SELECT levenshtein(string_agg(name, ''), string_agg(email, '')) FROM streams.plays, sales.customers WHERE play_id < 20
-- distance: damerau_levenshtein
SELECT damerau_levenshtein(repeat('ab', 30000), repeat('ba', 30000))
-- distance: jaro_winkler_similarity
SELECT jaro_winkler_similarity(repeat('ab', 400000), repeat('ba', 400000))
-- distance: every pair of rows
SELECT min(levenshtein(a.name, b.email)) FROM sales.customers a, sales.customers b, sales.customers c
-- recursion: endless
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t
-- recursion: exploding
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + k FROM t, range(9) r(k)) SELECT count(*) FROM t
-- recursion: paths in a dense graph
WITH RECURSIVE w(a, p) AS (SELECT 1, [1] UNION ALL SELECT r.i, list_append(w.p, r.i) FROM w, range(1, 30) r(i) WHERE NOT list_contains(w.p, r.i)) SELECT count(*) FROM w
-- join: cross
SELECT count(*) FROM streams.plays a, streams.plays b, streams.plays c WHERE a.ms_played + b.ms_played + c.ms_played = 7
-- join: few keys
SELECT count(*) FROM streams.plays a JOIN streams.plays b ON a.country = b.country JOIN streams.plays c ON b.country = c.country WHERE a.ms_played + b.ms_played + c.ms_played = 7
-- join: inequality
SELECT count(*) FROM streams.plays a JOIN streams.plays b ON a.ms_played < b.ms_played JOIN streams.plays c ON b.play_id < c.play_id
-- join: lateral
SELECT max(s) FROM streams.plays a, LATERAL (SELECT sum(b.ms_played * a.play_id % 7) AS s FROM streams.plays b WHERE b.play_id > a.play_id)
-- join: correlated
SELECT count(*) FROM streams.plays a WHERE (SELECT count(*) FROM streams.plays b WHERE b.ms_played * a.play_id % 3 = 1) > 5
-- join: layered WITH clauses
WITH a AS (SELECT * FROM range(10)), b AS (SELECT 1 x FROM a a1, a a2, a a3, a a4), c AS (SELECT 1 x FROM b b1, b b2), d AS (SELECT 1 x FROM c c1, c c2) SELECT count(*) FROM d, d d2
-- group: huge hash table
SELECT count(DISTINCT a.range * 1000003 + b.range) FROM range(1000000) a, range(1000) b
-- group: median
SELECT median(a.range + b.range) FROM range(1000000) a, range(10000) b
-- group: histogram
SELECT len(map_keys(histogram(a.play_id * 100003 + b.play_id))) FROM streams.plays a, streams.plays b
-- group: string_agg
SELECT length(string_agg(a.country || b.country, '')) FROM streams.plays a, streams.plays b
-- group: many sets
SELECT count(*) FROM (SELECT 1 FROM streams.plays a, range(300) GROUP BY CUBE (play_id, ms_played, country, range, play_id % 7))
-- sort: everything
SELECT md5(a.play_id::VARCHAR || b.range::VARCHAR) AS m FROM streams.plays a, range(3000) b ORDER BY m DESC
-- sort: window over all
SELECT max(s) FROM (SELECT sum(a.play_id) OVER (ORDER BY md5(b.range::VARCHAR || a.play_id)) AS s FROM streams.plays a, range(1000) b)
-- sort: window frames that overlap
SELECT max(m) FROM (SELECT mode(ms_played) OVER (ORDER BY play_id ROWS BETWEEN 90000 PRECEDING AND 90000 FOLLOWING) AS m FROM streams.plays)
-- rows: billions
SELECT a.play_id, b.play_id, repeat('x', 100) FROM streams.plays a, streams.plays b
-- rows: wide ones
SELECT *, repeat('x', 1000000) FROM streams.plays
-- rows: one giant row
SELECT list(repeat('x', 10000)) FROM streams.plays
-- generator: by the microsecond
SELECT * FROM generate_series(TIMESTAMP '0001-01-01', TIMESTAMP '9999-01-01', INTERVAL 1 MICROSECOND) ORDER BY 1 DESC
-- unnest: product
SELECT count(*) FROM (SELECT unnest(range(100000)) FROM range(100000)) t, range(1000)
-- unnest: twice
SELECT count(*) FROM (SELECT unnest(l) AS m FROM (SELECT unnest([range(3000), range(3000)]) AS l FROM streams.plays)) WHERE m % 7 = 3
-- time: sleep
SELECT sleep_ms(600000)
-- planning: computed while it is bound
SELECT strptime('2020', repeat('%Y', 100000000))
-- planning: computed for a limit
SELECT 1 LIMIT levenshtein(repeat('ab', 300000), repeat('ba', 300000))
-- planning: pivot of many values
PIVOT (SELECT play_id, ms_played FROM streams.plays) ON play_id USING max(ms_played), min(ms_played), count(*)
