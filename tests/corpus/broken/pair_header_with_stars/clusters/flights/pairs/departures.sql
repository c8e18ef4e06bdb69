/*
 * question: How many flights left?
 * teaches: A flight that left has a departure time.
 * vetted_by: Mara Lindqvist
 * vetted_on: 2026-03-14
 */
SELECT count(*) FROM nyc.flights
