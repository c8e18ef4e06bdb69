/*
question: Are more flights cancelled when visibility is low?
phrasings:
  - What is the cancellation rate by visibility?
  - How does visibility affect cancellations?
teaches: Bands instead of single values; cancelled flights join the weather of their scheduled hour.
vetted_by: Ines Haddad, weather desk
vetted_on: 2026-11-20
*/
SELECT
    CASE
        WHEN w.visib < 1 THEN 'under 1 mile'
        WHEN w.visib < 3 THEN '1 to 3 miles'
        WHEN w.visib < 10 THEN '3 to 10 miles'
        ELSE '10 miles or more'
    END                                                                      AS visibility,
    count(*)                                                                 AS scheduled,
    count(*) FILTER (WHERE f.dep_time IS NULL)                               AS cancelled,
    round(100.0 * count(*) FILTER (WHERE f.dep_time IS NULL) / count(*), 2)  AS cancelled_percent
FROM nyc.flights AS f
JOIN nyc.weather AS w ON w.origin = f.origin AND w.time_hour = f.time_hour
GROUP BY visibility
ORDER BY min(w.visib)
