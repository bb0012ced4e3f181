-- The administrator, on the server: the role, its password, an empty database.
-- psql variables: role, database. The administrator is no superuser: it may make roles and databases.

SELECT format('CREATE ROLE %I', :'role')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" LOGIN;

-- To give the role a database, and to work in it, the administrator has to be a member.
SELECT current_setting('server_version_num')::int >= 160000 AS creator_has_admin_option \gset
\if :creator_has_admin_option
  GRANT :"role" TO CURRENT_USER WITH INHERIT TRUE, SET TRUE;
\else
  -- With the admin option, without which an upgrade to 16 would leave the role to no one.
  GRANT :"role" TO CURRENT_USER WITH ADMIN OPTION;
\endif

-- psql hashes what it reads, so the server and its log get a SCRAM verifier only.
SET password_encryption = 'scram-sha-256';
\password :"role"

SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'role')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
