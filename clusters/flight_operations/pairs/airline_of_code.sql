/*
question: Which airline has the code {carrier}?
phrasings:
  - Which airline uses the code {carrier}?
  - What does the carrier code {carrier} stand for?
parameters:
  carrier: {values: nyc.airlines.carrier}
teaches: Codes such as 9E, B6 or EV are not initials; nyc.airlines says whose they are.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT carrier, name AS airline
FROM nyc.airlines
WHERE carrier = :carrier
