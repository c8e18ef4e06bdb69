/*
question: How many flights left between midnight and five in the morning?
phrasings:
  - How many flights took off between midnight and 5 am?
  - Number of departures between midnight and five in the morning
teaches: Midnight is written 2400 as well as 1 (00:01), so the clock time is taken modulo 2400 before it is compared.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE dep_time % 2400 < 500
