/*
question: How many hours was the visibility at {station} below {miles} miles?
phrasings:
  - How many hours did {station} have less than {miles} miles of visibility?
  - Number of hours with visibility below {miles} miles at {station}
parameters:
  station: {values: nyc.weather.origin}
  miles: {type: number, minimum: 0, maximum: 10}
teaches: Visibility is in miles and capped at 10, so a threshold above 10 counts every hour.
vetted_by: Ines Haddad, weather desk
vetted_on: 2026-11-20
*/
SELECT count(*) AS hours
FROM nyc.weather
WHERE origin = :station
  AND visib < :miles
