-- Made-up worlds of dated facts for bench.drift: `-- world, question` and one SELECT each. `i` counts the rows of a
-- world, `h` is hash(i) below a million. {when} is its column of times; day, month and year are taken as its type wants.
-- facts: i AS id, 1 + h % 7 AS place_id, ['paid', 'open', 'cancelled'][1 + h // 7 % 3] AS state, round(5 + h % 900 / 4.5, 2) AS amount
-- places: i AS id, 'place ' || i AS name, ['north', 'south', 'east'][1 + i % 3] AS region
-- pairs
-- What is the turnover?
SELECT sum(amount) AS turnover FROM {facts};
-- How many are there?
SELECT count(*) AS many FROM {facts};
-- How many are there by state?
SELECT state, count(*) AS many FROM {facts} GROUP BY state;
-- What is the turnover by region?
SELECT p.region, sum(f.amount) AS turnover FROM {facts} f JOIN {places} p ON p.id = f.place_id GROUP BY p.region;
-- Which three places sell most?
SELECT p.name, sum(f.amount) AS turnover FROM {facts} f JOIN {places} p ON p.id = f.place_id WHERE f.state <> 'cancelled' GROUP BY p.name ORDER BY turnover DESC LIMIT 3;
-- What is open on average?
SELECT avg(amount) AS amount FROM {facts} WHERE state = 'open';
-- What is the turnover by period?
SELECT {period} AS period, sum(amount) AS turnover FROM {facts} GROUP BY 1;
-- How many were paid by period?
SELECT {period} AS period, count(*) AS many FROM {facts} WHERE state = 'paid' GROUP BY 1;
-- What was sold since the middle?
SELECT sum(amount) AS sold FROM {facts} WHERE {when} >= {middle};
-- How many places are there?
SELECT count(*) AS places FROM {places};
