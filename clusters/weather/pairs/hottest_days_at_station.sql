/*
question: What were the {top} hottest days at {station}?
phrasings:
  - Which days were the hottest at {station}?
  - What were the hottest days at {station}?
parameters:
  station: {values: nyc.weather.origin}
  top: {type: integer, default: 10, minimum: 1, maximum: 100}
teaches: The heat of a day is its highest hourly reading; days are local, from year, month and day.
vetted_by: Ines Haddad, weather desk
vetted_on: 2026-11-20
*/
SELECT make_date(year, month, day) AS day, round(max(temp), 1) AS highest_fahrenheit
FROM nyc.weather
WHERE origin = :station
  AND temp IS NOT NULL
GROUP BY year, month, day
ORDER BY highest_fahrenheit DESC, day
LIMIT :top
