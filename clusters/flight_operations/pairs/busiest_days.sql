/*
question: What were the {top} busiest days?
phrasings:
  - Which {top} days had the most departures?
  - What were the busiest days of the year?
  - On which days did most flights leave?
parameters:
  top: {type: integer, default: 10, minimum: 1, maximum: 100}
teaches: Days are ranked by flights that left; the date breaks ties, so that the list is the same every time.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT
    make_date(year, month, day)          AS day,
    dayname(make_date(year, month, day)) AS weekday,
    count(*)                             AS flights
FROM nyc.flights
WHERE dep_time IS NOT NULL
GROUP BY year, month, day
ORDER BY flights DESC, day
LIMIT :top
