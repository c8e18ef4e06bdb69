/*
question: How many aircraft have each type of engine?
phrasings:
  - Number of aircraft by engine type
  - Show me aircraft per type of engine
teaches: Engine is the type, engines the number of them; they are easily confused.
vetted_by: Tomás Okafor, fleet engineering
vetted_on: 2026-11-20
*/
SELECT engine AS engine_type, count(*) AS aircraft
FROM nyc.planes
GROUP BY engine
ORDER BY aircraft DESC, engine_type
