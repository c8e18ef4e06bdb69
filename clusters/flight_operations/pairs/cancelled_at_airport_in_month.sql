/*
question: How many flights from {origin} were cancelled in {month}?
phrasings:
  - How many flights were cancelled at {origin} in {month}?
  - Number of cancellations at {origin} in {month}
parameters:
  origin: {values: nyc.flights.origin}
  month: {type: month}
teaches: Cancelled means that there is no actual departure time; there is no flag for it.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT count(*) AS cancelled_flights
FROM nyc.flights
WHERE origin = :origin
  AND month = :month
  AND dep_time IS NULL
