/*
question: How many flights left {origin} on day {day} of {month}?
parameters:
  origin: {values: nyc.flights.origin, minimum: 3}
  month: {type: month, maximum: 6}
  day: {type: integer, minimum: one, without: [3]}
teaches: A flight that left has a departure time.
vetted_by: Mara Lindqvist
vetted_on: 2026-03-14
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE origin = :origin AND month = :month AND day = :day
  AND dep_time IS NOT NULL
