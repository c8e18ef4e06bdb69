/*
question: What share of flights arrived on time from each airport?
phrasings:
  - What is the on-time rate of each New York airport?
  - How punctual are flights from each airport?
teaches: On time is the industry's definition, at most 14 minutes late at the gate, over flights that arrived.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT
    origin                                                                        AS airport,
    count(*)                                                                      AS arrived,
    round(100.0 * count(*) FILTER (WHERE arr_delay < 15) / count(*), 1)           AS on_time_percent
FROM nyc.flights
WHERE arr_delay IS NOT NULL
GROUP BY origin
ORDER BY origin
