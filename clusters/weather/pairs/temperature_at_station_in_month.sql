/*
question: How warm was it at {station} in {month}?
phrasings:
  - What was the temperature at {station} in {month}?
  - What were the lowest and highest temperatures at {station} in {month}?
parameters:
  station: {values: nyc.weather.origin}
  month: {type: month}
teaches: >-
  Extremes need clean readings: 13.1 degrees at JFK on 8 May at 22:00, between 57.0 and 57.2, is an error and would
  be May's minimum.
vetted_by: Ines Haddad, weather desk
vetted_on: 2026-11-20
*/
SELECT
    round(min(temp), 1) AS lowest_fahrenheit,
    round(avg(temp), 1) AS average_fahrenheit,
    round(max(temp), 1) AS highest_fahrenheit,
    count(temp)         AS readings
FROM nyc.weather
WHERE origin = :station
  AND month = :month
  AND NOT (origin = 'JFK' AND time_hour = TIMESTAMP '2013-05-09 02:00:00')
