/*
question: How does the departure delay change over the day?
phrasings:
  - What is the average departure delay by hour of the day?
teaches: The hour of the day is that of the scheduled departure; delays pile up until the evening.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT
    hour                     AS scheduled_hour,
    count(dep_delay)         AS flights,
    round(avg(dep_delay), 1) AS average_delay_minutes
FROM nyc.flights
WHERE dep_delay IS NOT NULL
GROUP BY hour
ORDER BY hour
