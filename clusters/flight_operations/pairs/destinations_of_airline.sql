/*
question: Where does {airline} fly to from New York?
phrasings:
  - Which destinations does {airline} serve?
  - What destinations does {airline} fly to?
parameters:
  airline: {values: nyc.airlines.name}
teaches: From an airline's name to its destinations with their names, keeping those that nyc.airports does not know.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT f.dest AS destination, p.name AS airport, count(*) AS flights
FROM nyc.flights AS f
JOIN nyc.airlines AS a ON a.carrier = f.carrier
LEFT JOIN nyc.airports AS p ON p.faa = f.dest
WHERE a.name = :airline
  AND f.dep_time IS NOT NULL
GROUP BY f.dest, p.name
ORDER BY flights DESC, destination
