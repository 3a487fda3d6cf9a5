#!/bin/bash
# Runs once, when PostgreSQL makes its data directory: the two roles of docs/postgresql.md, and the database.
set -eu
psql --set=ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
  --set=owner="$(cat /run/secrets/owner_password)" --set=service="$(cat /run/secrets/service_password)" <<'SQL'
CREATE ROLE ingam_owner LOGIN PASSWORD :'owner';
CREATE ROLE ingam LOGIN PASSWORD :'service';
CREATE DATABASE ingam OWNER ingam_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE ingam FROM PUBLIC;
GRANT CONNECT ON DATABASE ingam TO ingam;
SQL
