/*
question: What share of flights has no aircraft in the registry, by airline?
phrasings:
  - How many flights of each airline have an unknown aircraft?
  - For which airlines do tail numbers not match the planes table?
teaches: >-
  The match fails for 96 % of Envoy's and 69 % of American's flights and for at most 7 % of any other airline's, so a
  statistic over nyc.planes says little about these two.
vetted_by: Tomás Okafor, fleet engineering
vetted_on: 2026-11-20
*/
SELECT
    a.name                                                                     AS airline,
    count(*)                                                                   AS flights,
    count(*) FILTER (WHERE p.tailnum IS NULL)                                  AS unknown_aircraft,
    round(100.0 * count(*) FILTER (WHERE p.tailnum IS NULL) / count(*), 1)     AS unknown_percent
FROM nyc.flights AS f
JOIN nyc.airlines AS a ON a.carrier = f.carrier
LEFT JOIN nyc.planes AS p ON p.tailnum = f.tailnum
WHERE f.dep_time IS NOT NULL
GROUP BY a.name
ORDER BY unknown_percent DESC, airline
