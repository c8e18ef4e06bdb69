/*
question: Which aircraft flew for more than one airline?
phrasings:
  - Which tail numbers were used by several airlines?
  - What aircraft are shared between airlines?
teaches: >-
  A tail number does not belong to one airline: 9 aircraft flew for AirTran and Delta, 8 for Endeavor and ExpressJet,
  so grouping by tail number alone is not grouping by airline.
vetted_by: Tomás Okafor, fleet engineering
vetted_on: 2026-11-20
*/
SELECT
    tailnum                                               AS tail_number,
    string_agg(DISTINCT carrier, ', ' ORDER BY carrier)   AS carriers,
    count(*)                                              AS flights
FROM nyc.flights
WHERE tailnum IS NOT NULL
  AND dep_time IS NOT NULL
GROUP BY tailnum
HAVING count(DISTINCT carrier) > 1
ORDER BY flights DESC, tail_number
