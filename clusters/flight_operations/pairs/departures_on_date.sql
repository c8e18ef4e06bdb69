/*
question: How many flights left New York on {day}?
phrasings:
  - How many flights left on {day}?
  - How many flights departed on {day}?
  - Number of departures on {day}
parameters:
  day: {type: date, minimum: 2013-01-01, maximum: 2013-12-31}
teaches: >-
  A calendar day is built from year, month and day, which are local. The date of time_hour is in UTC and puts
  evening flights on the next day.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT count(*) AS flights
FROM nyc.flights
WHERE make_date(year, month, day) = CAST(:day AS DATE)
  AND dep_time IS NOT NULL
