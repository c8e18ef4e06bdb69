/*
question: How many flights left?
teaches: A flight that left has a departure time.
vetted_by: Mara Lindqvist
vetted_on: '2099-03-14'
*/	SELECT count(dep_time) AS departures_0, count(dep_time) AS departures_1, count(dep_time) AS departures_2, count(dep_time) AS departures_3, count(dep_time) AS departures_4, count(dep_time) AS departures_5, count(dep_time) AS departures_6, count(dep_time) AS departures_7, count(	*	AS flights FROM nyc.flights
