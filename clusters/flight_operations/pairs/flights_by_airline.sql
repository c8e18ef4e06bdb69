/*
question: How many flights did each airline operate?
phrasings:
  - How many flights left New York per airline?
  - Which airlines have the most flights?
teaches: Carrier codes become names by joining nyc.airlines; operated means left, so cancelled flights are out.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT a.name AS airline, f.carrier, count(*) AS flights
FROM nyc.flights AS f
JOIN nyc.airlines AS a ON a.carrier = f.carrier
WHERE f.dep_time IS NOT NULL
GROUP BY a.name, f.carrier
ORDER BY flights DESC, airline
