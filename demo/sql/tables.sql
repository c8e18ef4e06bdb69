-- The tables of the demo warehouse. Types are stricter than the CSV files': what is an integer there is one here,
-- and the spelling NA is NULL. `time_hour` is a TIMESTAMP in UTC, as in the files.

CREATE SCHEMA nyc;

CREATE TABLE nyc.airlines (
    carrier VARCHAR NOT NULL,
    name    VARCHAR NOT NULL
);

CREATE TABLE nyc.airports (
    faa   VARCHAR NOT NULL,
    name  VARCHAR NOT NULL,
    lat   DOUBLE,
    lon   DOUBLE,
    alt   INTEGER,
    tz    INTEGER,
    dst   VARCHAR,
    tzone VARCHAR
);

CREATE TABLE nyc.planes (
    tailnum      VARCHAR NOT NULL,
    year         INTEGER,
    type         VARCHAR,
    manufacturer VARCHAR,
    model        VARCHAR,
    engines      INTEGER,
    seats        INTEGER,
    speed        INTEGER,
    engine       VARCHAR
);

CREATE TABLE nyc.weather (
    origin     VARCHAR NOT NULL,
    year       INTEGER NOT NULL,
    month      INTEGER NOT NULL,
    day        INTEGER NOT NULL,
    hour       INTEGER NOT NULL,
    temp       DOUBLE,
    dewp       DOUBLE,
    humid      DOUBLE,
    wind_dir   INTEGER,
    wind_speed DOUBLE,
    wind_gust  DOUBLE,
    precip     DOUBLE,
    pressure   DOUBLE,
    visib      DOUBLE,
    time_hour  TIMESTAMP NOT NULL
);

-- Flights pass through this table on their way to Parquet, so that they get their types in one place.
CREATE TEMP TABLE flights_read (
    year           INTEGER,
    month          INTEGER,
    day            INTEGER,
    dep_time       INTEGER,
    sched_dep_time INTEGER,
    dep_delay      INTEGER,
    arr_time       INTEGER,
    sched_arr_time INTEGER,
    arr_delay      INTEGER,
    carrier        VARCHAR,
    flight         INTEGER,
    tailnum        VARCHAR,
    origin         VARCHAR,
    dest           VARCHAR,
    air_time       INTEGER,
    distance       INTEGER,
    hour           INTEGER,
    minute         INTEGER,
    time_hour      TIMESTAMP
);
