/* */
SELECT count(*) FROM nyc.flights
