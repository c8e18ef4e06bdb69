SELECT a.region, sum(a.amount) AS total FROM {a} AS a JOIN {b} AS b ON a.id = b.id WHERE b.status = 'paid'
GROUP BY a.region ORDER BY total DESC LIMIT 10;
SELECT date_trunc('month', a.day) AS month, count(DISTINCT b.customer) AS customers FROM {a} AS a
LEFT JOIN {b} AS b USING (id) WHERE a.amount > 100 GROUP BY 1 ORDER BY 1;
WITH late AS (SELECT id, delay FROM {a} AS a WHERE delay > 15) SELECT b.customer, avg(late.delay) AS average
FROM late JOIN {b} AS b ON b.id = late.id GROUP BY b.customer HAVING count(*) > 3;
SELECT b.status, max(a.rating) AS best, min(a.weight) AS lightest FROM {a} AS a JOIN {b} AS b ON a.id = b.id
WHERE a.day >= DATE '2026-01-01' GROUP BY b.status;
