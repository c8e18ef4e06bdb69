/*
question: What is the average departure delay of each airline?
phrasings:
  - Which airlines have the longest departure delays on average?
  - Average departure delay by airline
teaches: >-
  avg() skips cancelled flights, whose delay is NULL; early departures are negative and pull the average down, so the
  median stands beside it.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT
    a.name                       AS airline,
    count(f.dep_delay)           AS flights,
    round(avg(f.dep_delay), 1)   AS average_delay_minutes,
    median(f.dep_delay)          AS median_delay_minutes
FROM nyc.flights AS f
JOIN nyc.airlines AS a ON a.carrier = f.carrier
GROUP BY a.name
ORDER BY average_delay_minutes DESC, airline
