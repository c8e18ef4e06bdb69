-- Names of the functions of PostgreSQL's own that an analyst may know: what gives a value to SQL, less what stands
-- behind operators, casts, types, indexes and aggregates, and less what has an effect (volatile).
-- What of these may be called is judged by `reviewed`.
WITH own AS (
    SELECT p.oid, p.proname, p.provolatile, p.prorettype::regtype::text AS gives, p.proargtypes::oid[] AS takes
    FROM pg_proc AS p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind IN ('f', 'a', 'w')
),
support AS (
    SELECT oprcode::oid AS oid FROM pg_operator
    UNION ALL SELECT amproc::oid FROM pg_amproc
    UNION ALL SELECT unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn]::oid[]) FROM pg_aggregate
    UNION ALL SELECT unnest(ARRAY[aggmtransfn, aggminvtransfn, aggmfinalfn]::oid[]) FROM pg_aggregate
    UNION ALL SELECT unnest(ARRAY[typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze]::oid[])
    FROM pg_type
    UNION ALL SELECT prosupport::oid FROM pg_proc
    UNION ALL SELECT unnest(ARRAY[conproc]::oid[]) FROM pg_conversion
)
SELECT proname
FROM own
GROUP BY proname
HAVING bool_or(
    oid NOT IN (SELECT oid FROM support)
    AND gives NOT IN ('internal', 'cstring', 'trigger', 'event_trigger', 'void', 'pg_ddl_command')
    AND NOT takes && ARRAY['internal'::regtype, 'cstring'::regtype]::oid[]
)
AND bool_and(provolatile <> 'v' OR proname IN ('clock_timestamp', 'gen_random_uuid', 'random', 'timeofday'))
OR proname IN ('array_append', 'array_cat', 'array_prepend', 'mod', 'starts_with')
OR proname ~ '^jsonb?_extract_path(_text)?$'
ORDER BY proname
