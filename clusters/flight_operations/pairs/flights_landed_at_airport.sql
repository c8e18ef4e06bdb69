/*
question: How many flights from New York landed at {airport}?
phrasings:
  - How many flights from New York arrived at {airport}?
  - Number of flights from New York that landed at {airport}
parameters:
  airport:
    values: nyc.airports.name
    # Each of these names stands for several airports.
    without:
      - All Airports
      - Capital City Airport
      - Dillingham
      - Douglas Municipal Airport
      - Executive
      - Grand Canyon West Airport
      - Jefferson County Intl
      - Marshfield Municipal Airport
      - Municipal Airport
      - Penn Station
      - Plymouth Municipal Airport
      - Regional Airport
      - Shelby County Airport
      - St. Augustine Airport
teaches: >-
  An airport's full name is looked up in nyc.airports; landed at its destination means that there is an air time,
  which diverted flights do not have.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT count(*) AS flights
FROM nyc.flights AS f
JOIN nyc.airports AS p ON p.faa = f.dest
WHERE p.name = :airport
  AND f.air_time IS NOT NULL
