/*
question: How many flights left {origin} more than {minutes} minutes late?
phrasings:
  - How many departures from {origin} were delayed by more than {minutes} minutes?
  - Number of flights that left {origin} more than {minutes} minutes late
parameters:
  origin: {values: nyc.flights.origin}
  minutes: {type: integer, minimum: -60, maximum: 1440}
teaches: dep_delay is in minutes; more than is strict, and cancelled flights (NULL) are not late but not flown.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE origin = :origin
  AND dep_delay > :minutes
