/*
question: How many flights left {origin}?
phrasings:
  - How many flights departed from {origin} in 2013?
  - Number of departures from {origin}
parameters:
  origin: {values: nyc.flights.origin}
teaches: Without a month the answer is for all of 2013, the only year that the data hold.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE origin = :origin
  AND dep_time IS NOT NULL
