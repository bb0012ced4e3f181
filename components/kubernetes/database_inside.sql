-- The administrator, in the database: it is the role's, with all that its former owner made in it.
-- psql variables: role, database.

BEGIN;
SELECT datdba AS former FROM pg_database WHERE datname = :'database' \gset
SELECT format('ALTER DATABASE %I OWNER TO %I', :'database', :'role')
WHERE pg_get_userbyid(:former) <> :'role' \gexec
-- Extensions keep what is theirs; the sequence of a column follows its table.
SELECT format('ALTER TABLE %I.%I OWNER TO %I', nspname, relname, :'role')
FROM pg_class AS it
JOIN pg_namespace AS place ON place.oid = it.relnamespace
WHERE relowner = :former
  AND pg_get_userbyid(relowner) <> :'role'
  AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  AND nspname !~ '^pg_' AND nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_depend
    WHERE classid = 'pg_class'::regclass AND objid = it.oid
      AND (deptype = 'e' OR relkind = 'S' AND deptype IN ('a', 'i'))
  ) \gexec
COMMIT;

-- By the administrator, because some clouds let no one else make extensions.
CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA public;

REVOKE CONNECT, TEMPORARY ON DATABASE :"database" FROM PUBLIC;

-- Up to 14 everyone may use this schema, from 15 on the database's owner, unless the cloud owns it.
SELECT format('GRANT USAGE, CREATE ON SCHEMA public TO %I', :'role')
FROM pg_namespace
WHERE nspname = 'public'
  AND NOT (has_schema_privilege(:'role', oid, 'USAGE')
           AND has_schema_privilege(:'role', oid, 'CREATE')) \gexec
