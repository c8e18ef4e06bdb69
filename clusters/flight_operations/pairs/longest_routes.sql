/*
question: What are the {top} longest routes?
phrasings:
  - What are the longest routes out of New York?
  - Which destinations are farthest from New York?
parameters:
  top: {type: integer, default: 10, minimum: 1, maximum: 100}
teaches: Distance belongs to the route and is in miles; two routes to Eagle (EGE) are recorded with two lengths.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT origin, dest AS destination, max(distance) AS miles, count(*) AS flights
FROM nyc.flights
WHERE dep_time IS NOT NULL
GROUP BY origin, dest
ORDER BY miles DESC, origin, destination
LIMIT :top
