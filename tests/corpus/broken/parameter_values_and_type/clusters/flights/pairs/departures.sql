/*
question: How many flights left {origin} in {month}?
parameters:
  origin: {values: nyc.flights.origin, type: integer}
  month: {default: 7}
teaches: A flight that left has a departure time.
vetted_by: Mara Lindqvist
vetted_on: 2026-03-14
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE month = :month AND origin = :origin
  AND dep_time IS NOT NULL
