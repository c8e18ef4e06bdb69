/*
question: How many flights of carrier {carrier} left in {month}?
phrasings:
  - How many flights did carrier {carrier} operate in {month}?
  - Number of flights of carrier {carrier} in {month}
parameters:
  carrier: {values: nyc.airlines.carrier}
  month: {type: month}
teaches: A carrier code can be used on the flights themselves, without a join.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE carrier = :carrier
  AND month = :month
  AND dep_time IS NOT NULL
