/*
question: What was the average departure delay at {origin} in {month}?
phrasings:
  - How late were departures from {origin} in {month} on average?
  - Average departure delay at {origin} in {month}
parameters:
  origin: {values: nyc.flights.origin}
  month: {type: month}
teaches: Delays are in minutes already; subtracting the clock times dep_time and sched_dep_time would be wrong.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT
    round(avg(dep_delay), 1) AS average_delay_minutes,
    median(dep_delay)        AS median_delay_minutes,
    count(dep_delay)         AS flights
FROM nyc.flights
WHERE origin = :origin
  AND month = :month
