/*
question: Which {top} flights left the latest?
phrasings:
  - Which flights had the longest departure delays?
  - Show me the {top} flights with the longest departure delay
  - What are the worst departure delays?
parameters:
  top: {type: integer, default: 10, minimum: 1, maximum: 100}
teaches: A flight is named by date, carrier, flight number and origin together; the flight number alone repeats daily.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT
    make_date(year, month, day) AS day,
    carrier,
    flight,
    origin,
    dest,
    dep_delay                   AS delay_minutes,
    round(dep_delay / 60.0, 1)  AS delay_hours
FROM nyc.flights
WHERE dep_delay IS NOT NULL
ORDER BY dep_delay DESC, day, carrier, flight, origin
LIMIT :top
