/*
question: How many aircraft were built in {year}?
phrasings:
  - How many planes were manufactured in {year}?
  - Number of aircraft built in {year}
parameters:
  year: {type: integer, minimum: 1950, maximum: 2013}
teaches: The year of manufacture is unknown (NULL) for 70 aircraft; they are in no year's figure.
vetted_by: Tomás Okafor, fleet engineering
vetted_on: 2026-11-20
*/
SELECT count(*) AS aircraft
FROM nyc.planes
WHERE year = :year
