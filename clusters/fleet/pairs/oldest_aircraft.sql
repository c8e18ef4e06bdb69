/*
question: Which {top} aircraft are the oldest?
phrasings:
  - What are the oldest aircraft?
  - What are the {top} oldest planes?
parameters:
  top: {type: integer, default: 10, minimum: 1, maximum: 100}
teaches: >-
  Airliners only: a DC-7 and a Cessna 150 of the 1950s are false matches of American's tail numbers. N14629 is left
  out too, a 737-500 registered as built in 1965, 24 years before the first of them flew.
vetted_by: Tomás Okafor, fleet engineering
vetted_on: 2026-11-20
*/
SELECT p.tailnum AS tail_number, p.year AS built, p.manufacturer, p.model, count(*) AS flights
FROM nyc.planes AS p
JOIN nyc.flights AS f ON f.tailnum = p.tailnum
WHERE p.year IS NOT NULL
  AND p.tailnum <> 'N14629'
  AND p.engine IN ('Turbo-fan', 'Turbo-jet')
  AND p.seats >= 20
  AND p.manufacturer NOT LIKE 'GULFSTREAM%'
  AND f.dep_time IS NOT NULL
GROUP BY p.tailnum, p.year, p.manufacturer, p.model
ORDER BY built, tail_number
LIMIT :top
