/*
question: What share of {airline} flights arrived on time?
phrasings:
  - What is the on-time rate of {airline}?
  - How punctual is {airline}?
parameters:
  airline: {values: nyc.airlines.name}
teaches: The same definition of on time for one airline; diverted and cancelled flights have no arrival delay.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT
    count(*)                                                                AS arrived,
    round(100.0 * count(*) FILTER (WHERE f.arr_delay < 15) / count(*), 1)   AS on_time_percent
FROM nyc.flights AS f
JOIN nyc.airlines AS a ON a.carrier = f.carrier
WHERE a.name = :airline
  AND f.arr_delay IS NOT NULL
