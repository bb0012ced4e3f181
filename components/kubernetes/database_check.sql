-- The role itself, in its database: what the product does there is possible. Nothing of it stays.
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE TABLE application_database_check (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
CREATE INDEX ON application_database_check (id);
CREATE VIEW application_database_check_view AS SELECT id FROM application_database_check;
ROLLBACK;
