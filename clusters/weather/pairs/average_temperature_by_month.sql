/*
question: What is the average temperature in each month?
phrasings:
  - How warm is it in each month?
  - Average temperature by month
teaches: Temperatures are in degrees Fahrenheit; a station's hours weigh equally, so this is a mean over all readings.
vetted_by: Ines Haddad, weather desk
vetted_on: 2026-11-20
*/
SELECT
    month,
    round(avg(temp), 1)                AS average_fahrenheit,
    round((avg(temp) - 32) * 5 / 9, 1) AS average_celsius
FROM nyc.weather
GROUP BY month
ORDER BY month
