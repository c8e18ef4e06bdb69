CREATE SCHEMA nyc;
CREATE TABLE nyc.flights (year INTEGER, month INTEGER, dep_time INTEGER, sched_dep_time INTEGER, carrier VARCHAR, tailnum VARCHAR, origin VARCHAR);
CREATE TABLE nyc.airlines (carrier VARCHAR, name VARCHAR);
CREATE VIEW nyc.departures AS SELECT * FROM nyc.flights WHERE dep_time IS NOT NULL;
