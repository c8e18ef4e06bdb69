/*
question: How many hours of weather are missing at each station?
phrasings:
  - For how many hours is there no weather reading at each airport?
  - Missing weather hours by station
teaches: >-
  Hours are counted between the first and the last reading in UTC, where every hour exists once; nothing at all is
  recorded after 18:00 local time on 30 December.
vetted_by: Ines Haddad, weather desk
vetted_on: 2026-11-20
*/
SELECT
    origin                                                               AS station,
    count(*)                                                             AS readings,
    date_diff('hour', min(time_hour), max(time_hour)) + 1 - count(*)     AS missing_hours
FROM nyc.weather
GROUP BY origin
ORDER BY origin
