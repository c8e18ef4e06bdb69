/*
question: How many aircraft come from each manufacturer?
phrasings:
  - Which manufacturers built the most aircraft?
  - Number of aircraft by manufacturer
teaches: >-
  Manufacturers are registered under several names (AIRBUS and AIRBUS INDUSTRIE, three of McDonnell Douglas) that must
  be merged; makers of fewer than ten aircraft are put together, because some are private builders by name.
vetted_by: Tomás Okafor, fleet engineering
vetted_on: 2026-11-20
*/
WITH merged AS (
    SELECT
        CASE
            WHEN manufacturer LIKE 'AIRBUS%' THEN 'AIRBUS'
            WHEN manufacturer LIKE 'MCDONNELL DOUGLAS%' THEN 'MCDONNELL DOUGLAS'
            WHEN manufacturer LIKE 'CANADAIR%' THEN 'CANADAIR'
            ELSE manufacturer
        END AS manufacturer
    FROM nyc.planes
),
counted AS (
    SELECT manufacturer, count(*) AS aircraft
    FROM merged
    GROUP BY manufacturer
)
SELECT
    CASE WHEN aircraft >= 10 THEN manufacturer ELSE 'other (under 10 each)' END AS maker,
    CAST(sum(aircraft) AS BIGINT)                                               AS aircraft
FROM counted
GROUP BY maker
ORDER BY aircraft DESC, maker
