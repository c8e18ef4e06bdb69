/*
question: How many flights have no weather reading?
phrasings:
  - How many flights cannot be joined to the weather?
  - For how many flights is the weather missing?
teaches: An inner join with the weather drops these flights silently, among them all 776 of 31 December.
vetted_by: Ines Haddad, weather desk
vetted_on: 2026-11-20
*/
SELECT
    count(*)                                   AS scheduled_flights,
    count(*) FILTER (WHERE w.origin IS NULL)   AS without_weather
FROM nyc.flights AS f
LEFT JOIN nyc.weather AS w ON w.origin = f.origin AND w.time_hour = f.time_hour
