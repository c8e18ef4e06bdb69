/*
question: How many flights went to {dest}?
phrasings:
  - How many flights left for {dest}?
  - Number of flights to {dest}
parameters:
  dest: {values: nyc.flights.dest, without: [LGA]}
teaches: The destination is the one that was scheduled; a flight that was diverted elsewhere still counts here.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE dest = :dest
  AND dep_time IS NOT NULL
