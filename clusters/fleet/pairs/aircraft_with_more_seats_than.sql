/*
question: How many aircraft have more than {seats} seats?
phrasings:
  - How many planes have more than {seats} seats?
  - Number of aircraft with more than {seats} seats
parameters:
  seats: {type: integer, minimum: 0, maximum: 1000}
teaches: Seats are as registered, not as sold; all 80 Embraer 190 stand at 20 seats, where airlines fly about 100.
vetted_by: Tomás Okafor, fleet engineering
vetted_on: 2026-11-20
*/
SELECT count(*) AS aircraft
FROM nyc.planes
WHERE seats > :seats
