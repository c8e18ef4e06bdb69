/*
question: How many flights did {plane} make?
parameters:
  plane: {values: nyc.flights.tailnum}
teaches: A flight that left has a departure time.
vetted_by: Mara Lindqvist
vetted_on: 2026-03-14
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE tailnum = :plane
  AND dep_time IS NOT NULL
