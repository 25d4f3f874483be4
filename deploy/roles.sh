#!/bin/sh
# The database and its roles, on an empty PostgreSQL >= 15 (house.md, Tenancy). Run once, as a superuser:
#   PGHOST=… PGUSER=postgres sh deploy/roles.sh     with the four passwords in the environment (deploy/env.example)
set -eu
: "${OWNER_PASSWORD:?}" "${APP_PASSWORD:?}" "${PARTNER_PASSWORD:?}" "${SYSTEM_PASSWORD:?}"
psql -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-${PGUSER:-postgres}}" --dbname postgres \
    -v owner="$OWNER_PASSWORD" -v app="$APP_PASSWORD" -v partner="$PARTNER_PASSWORD" -v system="$SYSTEM_PASSWORD" <<'SQL'
SET log_min_error_statement = panic;
CREATE ROLE xinqiao_owner   LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'owner';
CREATE ROLE xinqiao_app     LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'app';
CREATE ROLE xinqiao_partner LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'partner';
CREATE ROLE xinqiao_system  LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'system';
CREATE DATABASE xinqiao OWNER xinqiao_owner ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
SQL
