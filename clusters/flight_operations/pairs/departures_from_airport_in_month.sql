/*
question: How many flights left {origin} in {month}?
phrasings:
  - How many flights left {origin} in {month} 2013?
  - How many flights departed from {origin} in {month}?
  - Number of departures from {origin} in {month}
parameters:
  origin: {values: nyc.flights.origin}
  month: {type: month}
teaches: A flight left when it has an actual departure time; cancelled flights are rows too and must not be counted.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE origin = :origin
  AND month = :month
  AND dep_time IS NOT NULL
