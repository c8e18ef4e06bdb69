/*
question: How many flights left {origin}?
parameters:
  origin: {values: nyc.flights.origin, default: NO}
  month: {type: month, default: 13}
  year: {type: integer, default: '2013'}
  day: {type: date, default: 2013-02-30}
  late: {type: boolean, default: 1}
  delay: {type: number, default: [1, 2]}
teaches: A flight that left has a departure time.
vetted_by: Mara Lindqvist
vetted_on: 2026-03-14
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE month = :month AND year = :year AND day = :day AND late = :late AND delay > :delay AND origin = :origin
  AND dep_time IS NOT NULL
