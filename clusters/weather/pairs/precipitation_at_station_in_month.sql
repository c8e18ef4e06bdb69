/*
question: How much precipitation fell at {station} in {month}?
phrasings:
  - How much rain fell at {station} in {month}?
  - How many inches of precipitation did {station} get in {month}?
parameters:
  station: {values: nyc.weather.origin}
  month: {type: month}
teaches: Precipitation is inches in an hour, summed at one station; a sum over stations would count a storm three times.
vetted_by: Ines Haddad, weather desk
vetted_on: 2026-11-20
*/
SELECT
    round(sum(precip), 2)              AS inches,
    count(*) FILTER (WHERE precip > 0) AS hours_with_precipitation
FROM nyc.weather
WHERE origin = :station
  AND month = :month
