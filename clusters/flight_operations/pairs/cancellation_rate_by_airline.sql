/*
question: Which airlines cancel the most flights?
phrasings:
  - What is the cancellation rate of each airline?
  - What share of its flights did each airline cancel?
teaches: Compare airlines by rate and show the number of flights with it; SkyWest has only 32 flights in the year.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT
    a.name                                                                    AS airline,
    count(*)                                                                  AS scheduled,
    count(*) FILTER (WHERE f.dep_time IS NULL)                                AS cancelled,
    round(100.0 * count(*) FILTER (WHERE f.dep_time IS NULL) / count(*), 2)   AS cancelled_percent
FROM nyc.flights AS f
JOIN nyc.airlines AS a ON a.carrier = f.carrier
GROUP BY a.name
ORDER BY cancelled_percent DESC, airline
