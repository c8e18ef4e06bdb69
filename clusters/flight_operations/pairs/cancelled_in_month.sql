/*
question: How many flights were cancelled in {month}?
phrasings:
  - How many cancellations were there in {month}?
  - Number of cancelled flights in {month}
parameters:
  month: {type: month}
teaches: The month is the one in which the flight was scheduled; a cancelled flight has no other.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT count(*) AS cancelled_flights
FROM nyc.flights
WHERE month = :month
  AND dep_time IS NULL
