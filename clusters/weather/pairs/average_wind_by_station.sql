/*
question: What is the average wind speed at each airport?
phrasings:
  - Which airport is the windiest?
  - Average wind speed by station
teaches: >-
  One reading at EWR says 1,048 mph and must be left out of every mean and maximum; the next highest anywhere is
  42.6 mph.
vetted_by: Ines Haddad, weather desk
vetted_on: 2026-11-20
*/
SELECT
    origin                    AS station,
    round(avg(wind_speed), 2) AS average_mph,
    round(max(wind_speed), 1) AS highest_mph
FROM nyc.weather
WHERE wind_speed < 200
GROUP BY origin
ORDER BY average_mph DESC, station
