/*
question: Which airlines fly from {origin} to {dest}?
phrasings:
  - Who flies from {origin} to {dest}?
  - What airlines serve {dest} from {origin}?
parameters:
  origin: {values: nyc.flights.origin}
  dest: {values: nyc.flights.dest, without: [LGA]}
teaches: A route is origin and destination together; a route that nobody flies gives no rows.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT a.name AS airline, f.carrier, count(*) AS flights
FROM nyc.flights AS f
JOIN nyc.airlines AS a ON a.carrier = f.carrier
WHERE f.origin = :origin
  AND f.dest = :dest
  AND f.dep_time IS NOT NULL
GROUP BY a.name, f.carrier
ORDER BY flights DESC, airline
