/*
question: How many flights were cancelled in each month?
phrasings:
  - What share of flights was cancelled each month?
  - What is the cancellation rate by month?
teaches: The rate is over scheduled flights, so the rows with an actual departure must not be filtered away first.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT
    month,
    count(*)                                                           AS scheduled,
    count(*) FILTER (WHERE dep_time IS NULL)                           AS cancelled,
    round(100.0 * count(*) FILTER (WHERE dep_time IS NULL) / count(*), 2) AS cancelled_percent
FROM nyc.flights
GROUP BY month
ORDER BY month
