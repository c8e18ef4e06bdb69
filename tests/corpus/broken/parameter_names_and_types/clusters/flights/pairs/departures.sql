/*
question: How many flights left {Origin} in {month}?
parameters:
  Origin: {type: strng}
  month: month
teaches: A flight that left has a departure time.
vetted_by: Mara Lindqvist
vetted_on: 2026-03-14
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE origin = :Origin AND month = :month
  AND dep_time IS NOT NULL
