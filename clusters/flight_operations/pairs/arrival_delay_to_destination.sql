/*
question: What is the average arrival delay of flights to {dest}?
phrasings:
  - How late do flights to {dest} arrive on average?
  - Average arrival delay to {dest}
parameters:
  dest: {values: nyc.flights.dest, without: [LGA]}
teaches: Arrival delay exists only for flights that reached their destination; negative minutes are early.
vetted_by: Mara Lindqvist, flight operations
vetted_on: 2026-11-20
*/
SELECT
    round(avg(arr_delay), 1) AS average_delay_minutes,
    median(arr_delay)        AS median_delay_minutes,
    count(arr_delay)         AS arrived
FROM nyc.flights
WHERE dest = :dest
