SELECT count(*) FROM nyc.flights
/* question: How many? */
