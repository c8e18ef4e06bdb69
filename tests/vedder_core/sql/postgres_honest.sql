-- What analysts write for PostgreSQL: the guard lets it through, and the result stays the same.
SELECT id, amount FROM shop.orders WHERE status ILIKE 'PA%' ORDER BY amount DESC NULLS LAST LIMIT 2;
SELECT date_trunc('month', ordered) AS m, sum(amount) FROM shop.orders GROUP BY 1 ORDER BY 1;
SELECT DISTINCT ON (status) status, id FROM shop.orders ORDER BY status, id DESC;
SELECT count(*) FILTER (WHERE amount > 15), string_agg(status, ', ' ORDER BY id DESC) FROM shop.orders;
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount), mode() WITHIN GROUP (ORDER BY id) FROM shop.orders;
SELECT status, count(*) FROM shop.orders GROUP BY GROUPING SETS ((status), ()) ORDER BY 1 NULLS FIRST, 2;
SELECT status, grouping(status), sum(amount) FROM shop.orders GROUP BY ROLLUP (status) ORDER BY 1, 2;
SELECT g, d::date FROM generate_series(1, 3) AS g, generate_series(date '2024-01-01', '2024-01-02', interval '1 day')
    AS d;
SELECT g FROM generate_series('2024-01-01'::timestamp, '2024-01-03', '1 day') AS g;
SELECT id, generate_series(1, id) FROM shop.orders;
SELECT to_char(at, 'YYYY-MM-DD HH24:MI:SS'), to_char(at, 'FMMonth DD'), to_char(at, 'Day, Dy IYYY-IW Q MS'),
    to_char(at, 'HH12:MI am "T" TZ'), to_char(1234.5, 'FM9,999.00'), to_char(amount, '99.9') FROM shop.orders;
SELECT extract(year FROM at), extract(epoch FROM at), extract(isodow FROM ordered) FROM shop.orders;
SELECT at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin', at::timestamptz::date FROM shop.orders;
SELECT ordered + 3, ordered + interval '1 month 2 days', at - interval '36 hours', age(at, ordered),
    make_interval(days => 3), interval '1-2' year to month FROM shop.orders;
SELECT a.id, b.id FROM shop.orders a LEFT JOIN LATERAL (SELECT k.id FROM shop.kinds k WHERE k.id < a.id) b ON
    true;
SELECT o.id, t FROM shop.orders o, unnest(o.tags) AS t;
SELECT * FROM unnest(ARRAY['a', 'b'], ARRAY[1, 2]) WITH ORDINALITY AS t(a, b, n);
SELECT * FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY['x'])) AS t(a, b);
SELECT o.id, e.key, e.value FROM shop.orders o CROSS JOIN LATERAL jsonb_each_text(o.info) AS e(key, value);
SELECT info -> 'k' ->> 'x', info #>> '{l,0}', info ? 'k', info @> '{"l": [1, 2]}', info - 'k',
    jsonb_array_length(info -> 'l'), info -> 'it''s' FROM shop.orders;
SELECT x.a, x.b FROM json_to_recordset('[{"a": 1, "b": "y"}]') AS x(a int, b text);
SELECT status ~ '^p', status ~* 'PAID', status !~ 'x', status !~* 'P', status SIMILAR TO 'p%',
    regexp_replace(status, '[aeiou]', '*', 'g'), (regexp_match(status, '(p)(a)'))[2], substring(status FROM
    'p.'), split_part(status, 'a', 1) FROM shop.orders;
SELECT array_agg(id ORDER BY id DESC), array_length(array_agg(id), 1), (array_agg(id))[1:2] FROM shop.orders;
SELECT id FROM shop.orders WHERE id = ANY (ARRAY[1, 3]) AND 'a' = ANY (tags) AND tags && ARRAY['a', 'z'];
SELECT json_agg(json_build_object('id', id) ORDER BY id), jsonb_object_agg(id, status) FROM shop.orders;
SELECT id, sum(amount) OVER w, lag(amount, 1, 0.0) OVER w, ntile(2) OVER w FROM shop.orders WINDOW w AS (ORDER BY
    id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES);
SELECT 7 / 2, 7 % 2, mod(-7, 3), div(7, 2), 2 ^ 10, |/ 4::float, 5 # 3, ~1, 1 << 3, 7.0 / 2, -7 / 2;
SELECT round(amount, 1), round(2.5), trunc(-1.5), amount::numeric(6, 1), ceil(amount), greatest(1, id) FROM
    shop.orders;
SELECT status || '-' || id, concat_ws('/', status, NULL, id), format('%s|%5s|%%', id, status), initcap(status),
    lpad(id::text, 3, '0'), trim(both 'p' from status), overlay(status placing 'X' from 1 for 2), position('i' in
    status), strpos(status, 'i'), left(status, 2), md5(status) FROM shop.orders;
SELECT 'it''s', 'back\slash\n', $$dollar's \n$$, $q$a$$b$q$;
SELECT (id, amount) < (2, 5), row(id, status) IS NULL, (ordered, ordered) OVERLAPS (date '2024-01-01', at) FROM
    shop.orders;
SELECT amount IS DISTINCT FROM 20, amount ISNULL, id BETWEEN SYMMETRIC 3 AND 1, amount > 1 IS UNKNOWN FROM
    shop.orders;
SELECT k.id FROM shop.kinds k NATURAL JOIN shop.orders UNION ALL SELECT id FROM shop.kinds ORDER BY 1;
SELECT id FROM shop.kinds JOIN shop.orders USING (id) INTERSECT SELECT 1 EXCEPT ALL SELECT 2;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT sum(i) FROM n;
WITH a AS MATERIALIZED (SELECT 1 AS x), b AS NOT MATERIALIZED (SELECT x + 1 AS y FROM a) SELECT y FROM b;
WITH RECURSIVE b AS (SELECT x FROM a), a AS (SELECT 1 AS x) SELECT * FROM b;
SELECT "Big" + Id AS Total, "user", o.user FROM shop."Orders" O ORDER BY TOTAL;
SELECT k, (k).name, k.*, (k).* FROM shop.kinds AS k ORDER BY k.id;
SELECT shop.kinds.name, kinds.id FROM shop.kinds;
SELECT id FROM shop.kinds TABLESAMPLE BERNOULLI (100) REPEATABLE (1);
SELECT id FROM shop.orders AS o TABLESAMPLE SYSTEM (100) WHERE o.id > 1;
SELECT ARRAY(SELECT id FROM shop.kinds ORDER BY id), EXISTS (SELECT 1), (SELECT max(id) FROM shop.kinds);
SELECT v.a FROM (VALUES (1, 'x'), (2, 'y')) AS v(a, b) FETCH FIRST 1 ROW ONLY;
TABLE shop.kinds;
SELECT name COLLATE "C", 'b' < 'a' COLLATE "C" FROM shop.kinds ORDER BY name COLLATE "C";
SELECT to_tsvector('english', 'the cats') @@ to_tsquery('english', 'cat'), '1 day'::interval, '{1,2}'::int[];
SELECT num_nulls(amount, tags), cardinality(tags), array_to_string(tags, '|'), coalesce(amount, 0) FROM
    shop.orders;
SELECT CASE WHEN amount > 15 THEN 'big' WHEN amount IS NULL THEN NULL ELSE 'small' END, nullif(status, 'open')
    FROM shop.orders;
SELECT 1 WHERE current_date > date '2020-01-01' AND now() <= clock_timestamp() AND current_time IS NOT NULL;
