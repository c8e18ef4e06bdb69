/*
question: How many aircraft have no year of manufacture?
phrasings:
  - For how many aircraft is the year of manufacture missing?
  - For how many planes is the build year unknown?
teaches: A missing year is NULL, never 0; count(*) less count(year) finds it.
vetted_by: Tomás Okafor, fleet engineering
vetted_on: 2026-11-20
*/
SELECT
    count(*)               AS aircraft,
    count(*) - count(year) AS without_year
FROM nyc.planes
