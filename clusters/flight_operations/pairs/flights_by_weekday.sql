/*
question: How many flights leave on each day of the week?
phrasings:
  - How many flights leave on each weekday?
  - Departures by weekday
teaches: The weekday comes from the local date; per day, because 2013 has 53 Tuesdays and 52 of every other weekday.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
WITH days AS (
    SELECT make_date(year, month, day) AS day, count(*) AS flights
    FROM nyc.flights
    WHERE dep_time IS NOT NULL
    GROUP BY year, month, day
)
SELECT
    dayname(day)                 AS weekday,
    CAST(sum(flights) AS BIGINT) AS flights,
    round(avg(flights), 1)       AS flights_per_day
FROM days
GROUP BY dayname(day), isodow(day)
ORDER BY isodow(day)
