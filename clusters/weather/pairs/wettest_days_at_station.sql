/*
question: Which {top} days had the most precipitation at {station}?
phrasings:
  - What were the wettest days at {station}?
  - On which days did it rain most at {station}?
parameters:
  station: {values: nyc.weather.origin}
  top: {type: integer, default: 10, minimum: 1, maximum: 100}
teaches: The sum of hourly inches over the local day; rounding comes first, so that equal days tie and the date decides.
vetted_by: Ines Haddad, weather desk
vetted_on: 2026-11-20
*/
SELECT make_date(year, month, day) AS day, round(sum(precip), 2) AS inches
FROM nyc.weather
WHERE origin = :station
GROUP BY year, month, day
HAVING sum(precip) > 0
ORDER BY inches DESC, day
LIMIT :top
