/*
question: How many aircraft does {airline} fly?
phrasings:
  - How many different aircraft did {airline} use?
  - How large is the fleet of {airline}?
parameters:
  airline: {values: nyc.airlines.name}
teaches: >-
  A fleet is the distinct tail numbers of flights that left, so it holds aircraft that nyc.planes does not know and
  only those that came to New York.
vetted_by: Tomás Okafor, fleet engineering
vetted_on: 2026-11-20
*/
SELECT count(DISTINCT f.tailnum) AS aircraft
FROM nyc.flights AS f
JOIN nyc.airlines AS a ON a.carrier = f.carrier
WHERE a.name = :airline
  AND f.dep_time IS NOT NULL
