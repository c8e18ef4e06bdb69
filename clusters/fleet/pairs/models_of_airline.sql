/*
question: Which aircraft models does {airline} fly?
phrasings:
  - What models are in the fleet of {airline}?
  - What kinds of aircraft does {airline} fly?
parameters:
  airline: {values: nyc.airlines.name}
teaches: >-
  Models come from nyc.planes by tail number, airliners only, because other matches are false (JetBlue flies no
  helicopter); aircraft that it does not know are in no row, which for Envoy are all.
vetted_by: Tomás Okafor, fleet engineering
vetted_on: 2026-11-20
*/
SELECT
    p.manufacturer,
    p.model,
    count(DISTINCT p.tailnum) AS aircraft,
    count(*)                  AS flights
FROM nyc.flights AS f
JOIN nyc.airlines AS a ON a.carrier = f.carrier
JOIN nyc.planes AS p ON p.tailnum = f.tailnum
WHERE a.name = :airline
  AND f.dep_time IS NOT NULL
  AND p.engine IN ('Turbo-fan', 'Turbo-jet')
  AND p.seats >= 20
  AND p.manufacturer NOT LIKE 'GULFSTREAM%'
GROUP BY p.manufacturer, p.model
ORDER BY aircraft DESC, flights DESC, p.manufacturer, p.model
