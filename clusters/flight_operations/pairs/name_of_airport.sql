/*
question: What is the name of the airport {airport}?
phrasings:
  - Which airport has the code {airport}?
parameters:
  airport: {values: nyc.airports.faa}
teaches: Codes are looked up in nyc.airports, with altitude in feet and the time zone.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT faa AS code, name AS airport, tzone AS time_zone, alt AS altitude_feet
FROM nyc.airports
WHERE faa = :airport
