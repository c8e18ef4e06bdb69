/*
question: How long is the flight from {origin} to {dest}?
phrasings:
  - What is the average flight time from {origin} to {dest}?
  - How many minutes does a flight from {origin} to {dest} take?
parameters:
  origin: {values: nyc.flights.origin}
  dest: {values: nyc.flights.dest, without: [LGA]}
teaches: >-
  air_time is the minutes in the air. Arrival less departure is no flight time: both are clock times in different
  time zones, and they include taxiing.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT
    round(avg(air_time), 1) AS average_air_minutes,
    min(air_time)           AS shortest_air_minutes,
    max(air_time)           AS longest_air_minutes,
    count(air_time)         AS flights
FROM nyc.flights
WHERE origin = :origin
  AND dest = :dest
HAVING count(air_time) > 0
