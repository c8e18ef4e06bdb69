/*
question: Which {top} aircraft flew the most flights?
phrasings:
  - Which aircraft flew most often?
  - What are the {top} busiest aircraft?
parameters:
  top: {type: integer, default: 10, minimum: 1, maximum: 100}
teaches: >-
  Cancelled flights may carry a tail number (5,743 do) and must be left out; flights without a tail number are no
  aircraft. The model is not shown, because the busiest aircraft are Envoy's, whose matches in nyc.planes are false.
vetted_by: Tomás Okafor, fleet engineering
vetted_on: 2026-11-20
*/
SELECT
    tailnum                                             AS tail_number,
    string_agg(DISTINCT carrier, ', ' ORDER BY carrier) AS carriers,
    count(*)                                            AS flights
FROM nyc.flights
WHERE tailnum IS NOT NULL
  AND dep_time IS NOT NULL
GROUP BY tailnum
ORDER BY flights DESC, tail_number
LIMIT :top
