/*
question: How many flights were scheduled, left and were cancelled at each airport?
phrasings:
  - How many scheduled and cancelled flights did each New York airport have?
  - Show me scheduled, departed and cancelled flights by airport
teaches: One row is one scheduled flight; count(dep_time) counts those that left, because it skips NULL.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT
    origin                             AS airport,
    count(*)                           AS scheduled,
    count(dep_time)                    AS departed,
    count(*) - count(dep_time)         AS cancelled
FROM nyc.flights
GROUP BY origin
ORDER BY origin
