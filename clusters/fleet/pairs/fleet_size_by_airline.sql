/*
question: How many aircraft does each airline fly?
phrasings:
  - How large is the fleet of each airline?
  - Fleet size by airline
teaches: >-
  Tail numbers are counted per airline; 17 aircraft flew for two airlines, so the figures add up to more than the
  number of aircraft.
vetted_by: Tomás Okafor, fleet engineering
vetted_on: 2026-11-20
*/
SELECT a.name AS airline, count(DISTINCT f.tailnum) AS aircraft
FROM nyc.flights AS f
JOIN nyc.airlines AS a ON a.carrier = f.carrier
WHERE f.dep_time IS NOT NULL
GROUP BY a.name
ORDER BY aircraft DESC, airline
