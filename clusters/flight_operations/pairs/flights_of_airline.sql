/*
question: How many flights did {airline} operate?
phrasings:
  - How many flights did {airline} fly out of New York?
  - Number of flights of {airline}
parameters:
  airline: {values: nyc.airlines.name}
teaches: People ask with names, flights hold two-character codes; nyc.airlines is the only way from one to the other.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT count(*) AS flights
FROM nyc.flights AS f
JOIN nyc.airlines AS a ON a.carrier = f.carrier
WHERE a.name = :airline
  AND f.dep_time IS NOT NULL
