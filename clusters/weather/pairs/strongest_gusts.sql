/*
question: What were the {top} strongest gusts?
phrasings:
  - When were the strongest gusts?
  - Show me the {top} strongest wind gusts
parameters:
  top: {type: integer, default: 10, minimum: 1, maximum: 100}
teaches: A gust is NULL in four of five hours, when none was reported; that is not zero and not missing data.
vetted_by: Ines Haddad, weather desk
vetted_on: 2026-11-20
*/
SELECT
    origin                      AS station,
    make_date(year, month, day) AS day,
    hour,
    round(wind_gust, 1)         AS gust_mph
FROM nyc.weather
WHERE wind_gust IS NOT NULL
ORDER BY gust_mph DESC, time_hour, station
LIMIT :top
