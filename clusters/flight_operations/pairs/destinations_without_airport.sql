/*
question: Which destinations are missing from the list of airports?
phrasings:
  - Which destinations have no entry in nyc.airports?
teaches: An anti-join finds what an inner join would silently drop.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT f.dest AS destination, count(*) AS scheduled_flights
FROM nyc.flights AS f
LEFT JOIN nyc.airports AS p ON p.faa = f.dest
WHERE p.faa IS NULL
GROUP BY f.dest
ORDER BY scheduled_flights DESC, destination
