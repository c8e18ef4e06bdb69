/*
question: What are the {top} busiest destinations?
phrasings:
  - Which {top} destinations have the most flights?
  - What are the most popular destinations?
  - Where do most flights go?
parameters:
  top: {type: integer, default: 10, minimum: 1, maximum: 100}
teaches: >-
  Names come by a LEFT JOIN, because four destinations in Puerto Rico and the Virgin Islands are not in nyc.airports
  and an inner join would drop their 7,602 scheduled flights.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT f.dest AS destination, p.name AS airport, count(*) AS flights
FROM nyc.flights AS f
LEFT JOIN nyc.airports AS p ON p.faa = f.dest
WHERE f.dep_time IS NOT NULL
GROUP BY f.dest, p.name
ORDER BY flights DESC, destination
LIMIT :top
