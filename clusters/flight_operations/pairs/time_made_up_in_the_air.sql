/*
question: Which airlines make up the most time in the air?
phrasings:
  - How many minutes does each airline make up between departure and arrival?
teaches: Departure delay less arrival delay of the same flight, over flights that arrived; a positive figure is gained.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT
    a.name                                     AS airline,
    count(*)                                   AS flights,
    round(avg(f.dep_delay - f.arr_delay), 1)   AS minutes_made_up
FROM nyc.flights AS f
JOIN nyc.airlines AS a ON a.carrier = f.carrier
WHERE f.arr_delay IS NOT NULL
GROUP BY a.name
ORDER BY minutes_made_up DESC, airline
