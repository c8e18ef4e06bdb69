/*
question: Which {top} destinations have the most diverted flights?
phrasings:
  - Which destinations have the most diverted flights?
  - Flights to which {top} destinations were diverted most often?
parameters:
  top: {type: integer, default: 10, minimum: 1, maximum: 100}
teaches: A diverted flight left but has no air time (1,175 flights); arr_time is NULL for only 458 of them.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT
    dest                                                   AS destination,
    count(*) FILTER (WHERE air_time IS NULL)               AS diverted,
    count(*)                                               AS departed
FROM nyc.flights
WHERE dep_time IS NOT NULL
GROUP BY dest
HAVING count(*) FILTER (WHERE air_time IS NULL) > 0
ORDER BY diverted DESC, destination
LIMIT :top
