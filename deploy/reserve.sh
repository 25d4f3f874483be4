#!/bin/sh
# Connections that only the emergency engine and its watchdog may take (docs/operations.md, Reserved connections): two roles
# of their own beside app and system, and a limit on the three that everything else comes by. As a superuser, after
# roles.sh, and again whenever a limit changes; running processes keep what they hold.
#   PGHOST=… PGUSER=postgres sh deploy/reserve.sh     with ENGINE_PASSWORD, and APP_CONNECTIONS, PARTNER_CONNECTIONS, SYSTEM_CONNECTIONS where the usual ones do not do
set -eu
[ -n "${ENGINE_PASSWORD:-}" ] || { echo "no ENGINE_PASSWORD: no connections are reserved (docs/operations.md)" >&2; exit 0; }
psql -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-${PGUSER:-postgres}}" --dbname postgres \
    -v engine="$ENGINE_PASSWORD" -v app="${APP_CONNECTIONS:-25}" -v partner="${PARTNER_CONNECTIONS:-8}" \
    -v system="${SYSTEM_CONNECTIONS:-10}" <<'SQL'
SET log_min_error_statement = panic;
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY['xinqiao_engine', 'xinqiao_engine_system']) AS name
    WHERE name NOT IN (SELECT rolname FROM pg_roles) \gexec
ALTER ROLE xinqiao_engine        LOGIN INHERIT NOSUPERUSER NOBYPASSRLS PASSWORD :'engine';
ALTER ROLE xinqiao_engine_system LOGIN INHERIT NOSUPERUSER NOBYPASSRLS PASSWORD :'engine';
GRANT xinqiao_app TO xinqiao_engine;
GRANT xinqiao_system TO xinqiao_engine_system;
ALTER ROLE xinqiao_app     CONNECTION LIMIT :app;
ALTER ROLE xinqiao_partner CONNECTION LIMIT :partner;
ALTER ROLE xinqiao_system  CONNECTION LIMIT :system;
SQL
