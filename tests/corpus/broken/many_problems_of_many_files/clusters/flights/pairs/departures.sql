/*
question: How many flights left {origin}?
parameters:
  origin: {values: nyc.flights.origin}
vetted_by: Mara Lindqvist
vetted_on: 2099-01-01
*/
SELECT count(*) AS flights
FROM nyc.flihgts
WHERE origin = :orgin
  AND dep_time IS NOT NULL
