/*
question: How many hours was it below freezing at {station}?
phrasings:
  - How many hours of frost were there at {station}?
  - Number of hours below freezing at {station}
parameters:
  station: {values: nyc.weather.origin}
teaches: Freezing is 32 degrees Fahrenheit; one row is one hour. The false 13.1 degrees at JFK in May is left out.
vetted_by: Ines Haddad, weather desk
vetted_on: 2026-11-20
*/
SELECT count(*) AS hours_below_freezing
FROM nyc.weather
WHERE origin = :station
  AND temp < 32
  AND NOT (origin = 'JFK' AND time_hour = TIMESTAMP '2013-05-09 02:00:00')
