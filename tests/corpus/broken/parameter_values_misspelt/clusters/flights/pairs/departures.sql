/*
question: How many flights left {origin} for {dest} with {carrier}?
parameters:
  origin: {values: nyc.flihgts.origin}
  dest: {values: flights.dest}
  carrier: {values: nyc.planes.carrier}
teaches: A flight that left has a departure time.
vetted_by: Mara Lindqvist
vetted_on: 2026-03-14
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE dest = :dest AND carrier = :carrier AND origin = :origin
  AND dep_time IS NOT NULL
