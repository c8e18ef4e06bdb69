/*
question: Which month had the most flights?
phrasings:
  - What was the busiest month?
  - In which month did most flights leave?
teaches: >-
  Flights that left, not those scheduled: July has the most scheduled flights (29,425), but 940 of them were
  cancelled, so August has the most that left (28,841).
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT month, count(*) AS flights
FROM nyc.flights
WHERE dep_time IS NOT NULL
GROUP BY month
ORDER BY flights DESC, month
LIMIT 1
