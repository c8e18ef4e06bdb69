/*
question: How many flights went to {dest} in {month}?
phrasings:
  - How many flights flew from New York to {dest} in {month}?
  - Number of flights to {dest} in {month}
parameters:
  dest: {values: nyc.flights.dest, without: [LGA]}
  month: {type: month}
teaches: Went means left for; diverted flights count, cancelled ones do not.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE dest = :dest
  AND month = :month
  AND dep_time IS NOT NULL
