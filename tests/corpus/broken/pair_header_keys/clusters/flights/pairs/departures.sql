/*
question: How many flights left?
teach: A flight that left has a departure time.
vetted_by: Mara Lindqvist
vetted_on: 14.3.2026
sql: SELECT 1
slug: departures
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE dep_time IS NOT NULL
