/*
question: Which airlines fly the {model}?
phrasings:
  - Who flies the {model}?
  - How many {model} aircraft does each airline fly?
parameters:
  model: {values: nyc.planes.model}
teaches: >-
  A model is spelt as in the registry, with its exact variant (737-824, A320-232); variants are not grouped. Models
  that are no airliners give no rows, because an airline that seems to fly one is a false match.
vetted_by: Tomás Okafor, fleet engineering
vetted_on: 2026-11-20
*/
SELECT
    a.name                    AS airline,
    count(DISTINCT p.tailnum) AS aircraft,
    count(*)                  AS flights
FROM nyc.flights AS f
JOIN nyc.airlines AS a ON a.carrier = f.carrier
JOIN nyc.planes AS p ON p.tailnum = f.tailnum
WHERE p.model = :model
  AND f.dep_time IS NOT NULL
  AND p.engine IN ('Turbo-fan', 'Turbo-jet')
  AND p.seats >= 20
  AND p.manufacturer NOT LIKE 'GULFSTREAM%'
GROUP BY a.name
ORDER BY aircraft DESC, airline
