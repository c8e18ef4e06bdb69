/*
question: How many flights left New York in each month?
phrasings:
  - How many flights departed each month?
  - Show me departures per month
teaches: Grouping by the local month, which is also the partition, and counting only flights that left.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT month, count(*) AS flights
FROM nyc.flights
WHERE dep_time IS NOT NULL
GROUP BY month
ORDER BY month
