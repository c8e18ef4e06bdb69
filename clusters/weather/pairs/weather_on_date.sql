/*
question: What was the weather at {station} on {day}?
phrasings:
  - Hourly weather at {station} on {day}
  - Show me the weather at {station} on {day}
parameters:
  station: {values: nyc.weather.origin}
  day: {type: date, minimum: 2013-01-01, maximum: 2013-12-30}
teaches: A local day has 24 rows at most, 25 when the clock goes back; they are ordered by UTC, which is unambiguous.
vetted_by: Ines Haddad, weather desk
vetted_on: 2026-11-20
*/
SELECT
    hour,
    round(temp, 1)       AS fahrenheit,
    round(humid, 0)      AS humidity_percent,
    round(wind_speed, 1) AS wind_mph,
    precip               AS precipitation_inches,
    visib                AS visibility_miles
FROM nyc.weather
WHERE origin = :station
  AND make_date(year, month, day) = CAST(:day AS DATE)
ORDER BY time_hour
