/*
question: How old are the aircraft of each airline?
phrasings:
  - What is the average age of each airline's fleet?
  - Average aircraft age by airline
teaches: >-
  One row per aircraft and airline before averaging, or busy aircraft would count more; age is in 2013 and only of
  airliners. American and Envoy are left out: the registry knows too few of their aircraft to say anything.
vetted_by: Tomás Okafor, fleet engineering
vetted_on: 2026-11-20
*/
WITH flown AS (
    SELECT DISTINCT carrier, tailnum
    FROM nyc.flights
    WHERE dep_time IS NOT NULL
      AND carrier NOT IN ('AA', 'MQ')
)
SELECT
    a.name                        AS airline,
    count(p.year)                 AS aircraft_with_known_year,
    round(avg(2013 - p.year), 1)  AS average_age_years
FROM flown AS f
JOIN nyc.planes AS p ON p.tailnum = f.tailnum
JOIN nyc.airlines AS a ON a.carrier = f.carrier
WHERE p.year IS NOT NULL
  AND p.engine IN ('Turbo-fan', 'Turbo-jet')
  AND p.seats >= 20
  AND p.manufacturer NOT LIKE 'GULFSTREAM%'
GROUP BY a.name
ORDER BY average_age_years DESC, airline
