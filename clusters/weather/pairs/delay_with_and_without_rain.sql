/*
question: Are departure delays longer when it rains?
phrasings:
  - What is the average departure delay with and without rain?
  - How does precipitation affect departure delays?
teaches: >-
  Flights join weather on origin and time_hour, both in UTC and unique; joining on year, month, day and hour meets
  one hour twice when the clock goes back.
vetted_by: Ines Haddad, weather desk
vetted_on: 2026-11-20
*/
SELECT
    CASE WHEN w.precip > 0 THEN 'precipitation' ELSE 'dry' END AS weather,
    count(*)                                                   AS flights,
    round(avg(f.dep_delay), 1)                                 AS average_delay_minutes,
    median(f.dep_delay)                                        AS median_delay_minutes
FROM nyc.flights AS f
JOIN nyc.weather AS w ON w.origin = f.origin AND w.time_hour = f.time_hour
WHERE f.dep_delay IS NOT NULL
GROUP BY weather
ORDER BY weather
