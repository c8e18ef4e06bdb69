/*
question: What is the code of {airport}?
phrasings:
  - What is the FAA code of {airport}?
  - Which code does {airport} have?
parameters:
  airport: {values: nyc.airports.name}
teaches: Names are not unique, 14 of them stand for several airports, so the answer may have several rows.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT faa AS code, name AS airport, tzone AS time_zone
FROM nyc.airports
WHERE name = :airport
ORDER BY faa
