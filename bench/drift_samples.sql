-- chinook: How many invoices are there by month?
SELECT date_trunc('month', InvoiceDate) AS month, count(*) AS invoices FROM chinook.Invoice GROUP BY 1 ORDER BY 1;
-- chinook: What was sold in 2010?
SELECT sum(Total) AS sold FROM chinook.Invoice WHERE InvoiceDate >= DATE '2010-01-01' AND InvoiceDate < DATE '2011-01-01';
-- chinook: What did customers from the USA spend by year?
SELECT year(InvoiceDate) AS year, sum(Total) AS spent FROM chinook.Invoice WHERE BillingCountry = 'USA' GROUP BY 1;
-- chinook: How many tracks are there by genre?
SELECT g.Name, count(*) AS tracks FROM chinook.Track t JOIN chinook.Genre g ON g.GenreId = t.GenreId GROUP BY g.Name;
-- chinook: How long are rock tracks on average?
SELECT avg(t.Milliseconds) / 60000 AS minutes FROM chinook.Track t JOIN chinook.Genre g ON g.GenreId = t.GenreId WHERE g.Name = 'Rock';
-- chinook: Which ten artists sell best?
SELECT a.Name, sum(l.UnitPrice * l.Quantity) AS sold FROM chinook.InvoiceLine l JOIN chinook.Track t ON t.TrackId = l.TrackId JOIN chinook.Album b ON b.AlbumId = t.AlbumId JOIN chinook.Artist a ON a.ArtistId = b.ArtistId GROUP BY a.Name ORDER BY sold DESC, a.Name LIMIT 10;
-- chinook: Which tracks are longer than ten minutes?
SELECT Name FROM chinook.Track WHERE Milliseconds > 600000;
-- chinook: What share of tracks has no composer?
SELECT avg(CASE WHEN Composer IS NULL THEN 1.0 ELSE 0.0 END) AS share FROM chinook.Track;
-- chinook: How many tracks are not MPEG files?
SELECT count(*) AS tracks FROM chinook.Track t JOIN chinook.MediaType m ON m.MediaTypeId = t.MediaTypeId WHERE m.Name <> 'MPEG audio file';
-- northwind: How many orders are there by month?
SELECT date_trunc('month', OrderDate) AS month, count(*) AS orders FROM northwind.Orders GROUP BY 1 ORDER BY 1;
-- northwind: What is the freight of orders to Germany?
SELECT sum(Freight) AS freight FROM northwind.Orders WHERE ShipCountry = 'Germany';
-- northwind: What did each category sell?
SELECT c.CategoryName, sum(d.UnitPrice * d.Quantity * (1 - d.Discount)) AS sold FROM northwind."Order Details" d JOIN northwind.Products p ON p.ProductID = d.ProductID JOIN northwind.Categories c ON c.CategoryID = p.CategoryID GROUP BY c.CategoryName;
-- northwind: Which customers in London have ordered?
SELECT DISTINCT c.CompanyName FROM northwind.Customers c JOIN northwind.Orders o ON o.CustomerID = c.CustomerID WHERE c.City = 'London';
-- northwind: How many customers have never ordered?
SELECT count(*) AS customers FROM northwind.Customers c WHERE NOT EXISTS (SELECT 1 FROM northwind.Orders o WHERE o.CustomerID = c.CustomerID);
-- northwind: Which products cost more than 50?
SELECT ProductName, UnitPrice FROM northwind.Products WHERE UnitPrice > 50 ORDER BY UnitPrice DESC;
-- northwind: How many orders did each employee take?
SELECT e.LastName, count(*) AS orders FROM northwind.Orders o JOIN northwind.Employees e ON e.EmployeeID = o.EmployeeID GROUP BY e.LastName;
-- northwind: How many orders were shipped late?
SELECT count(*) AS late FROM northwind.Orders WHERE ShippedDate > RequiredDate;
-- sakila: How many rentals were there by day?
SELECT CAST(rental_date AS DATE) AS day, count(*) AS rentals FROM sakila.rental GROUP BY 1 ORDER BY 1;
-- sakila: What was paid in July 2005?
SELECT sum(amount) AS paid FROM sakila.payment WHERE payment_date >= DATE '2005-07-01' AND payment_date < DATE '2005-08-01';
-- sakila: How many films are there by rating?
SELECT rating, count(*) AS films FROM sakila.film GROUP BY rating;
-- sakila: How many action films are rated PG-13?
SELECT count(*) AS films FROM sakila.film f JOIN sakila.film_category fc ON fc.film_id = f.film_id JOIN sakila.category c ON c.category_id = fc.category_id WHERE c.name = 'Action' AND f.rating = 'PG-13';
-- sakila: What does a film cost to replace on average, by rating?
SELECT rating, avg(replacement_cost) AS cost FROM sakila.film GROUP BY rating;
-- sakila: Which ten films were rented most?
SELECT f.title, count(*) AS rentals FROM sakila.rental r JOIN sakila.inventory i ON i.inventory_id = r.inventory_id JOIN sakila.film f ON f.film_id = i.film_id GROUP BY f.title ORDER BY rentals DESC, f.title LIMIT 10;
-- sakila: How many customers live in Canada?
SELECT count(*) AS customers FROM sakila.customer cu JOIN sakila.address a ON a.address_id = cu.address_id JOIN sakila.city ci ON ci.city_id = a.city_id JOIN sakila.country co ON co.country_id = ci.country_id WHERE co.country = 'Canada';
-- sakila: How many rentals are still out?
SELECT count(*) AS rentals FROM sakila.rental WHERE return_date IS NULL;
-- sakila: How long is a film on average?
SELECT avg(length) AS minutes FROM sakila.film;
-- tpch: What is the revenue by month of shipping?
SELECT date_trunc('month', l_shipdate) AS month, sum(l_extendedprice * (1 - l_discount)) AS revenue FROM tpch.lineitem GROUP BY 1 ORDER BY 1;
-- tpch: How many orders were placed in 1995?
SELECT count(*) AS orders FROM tpch.orders WHERE o_orderdate BETWEEN DATE '1995-01-01' AND DATE '1995-12-31';
-- tpch: What do customers of the building segment have on their accounts?
SELECT sum(c_acctbal) AS balance FROM tpch.customer WHERE c_mktsegment = 'BUILDING';
-- tpch: How many orders are urgent or high?
SELECT count(*) AS orders FROM tpch.orders WHERE o_orderpriority IN ('1-URGENT', '2-HIGH');
-- tpch: What is the revenue by nation?
SELECT n.n_name, sum(l.l_extendedprice) AS revenue FROM tpch.lineitem l JOIN tpch.orders o ON o.o_orderkey = l.l_orderkey JOIN tpch.customer c ON c.c_custkey = o.o_custkey JOIN tpch.nation n ON n.n_nationkey = c.c_nationkey GROUP BY n.n_name;
-- tpch: How many lines were shipped by air?
SELECT count(*) AS lines FROM tpch.lineitem WHERE l_shipmode = 'AIR';
-- tpch: What is the average quantity of returned lines?
SELECT avg(l_quantity) AS quantity FROM tpch.lineitem WHERE l_returnflag = 'R';
-- tpch: What do parts of suppliers in Europe cost to supply?
SELECT sum(ps.ps_supplycost) AS cost FROM tpch.partsupp ps JOIN tpch.supplier s ON s.s_suppkey = ps.ps_suppkey JOIN tpch.nation n ON n.n_nationkey = s.s_nationkey JOIN tpch.region r ON r.r_regionkey = n.n_regionkey WHERE r.r_name = 'EUROPE';
-- tpch: Which suppliers owe money?
SELECT s_name, s_acctbal FROM tpch.supplier WHERE s_acctbal < 0;
-- tpch: How many lines were received late?
SELECT count(*) AS lines FROM tpch.lineitem WHERE l_receiptdate > l_commitdate;
