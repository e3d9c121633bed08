#!/bin/bash
# Makes each service's database and its two roles, the first time the database container starts.
# `<service>_owner` owns the tables and runs migrations; `<service>_app` answers, owns nothing, cannot pass row security by.
# hearth.databases.provision does the same for the launcher; a test holds the two together.
set -euo pipefail

sql() { psql --no-psqlrc -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "${POSTGRES_DB:-postgres}" "$@"; }

role() { # name, password
    sql -v name="$1" -v password="$2" <<'SQL'
CREATE ROLE :"name" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';
SQL
}

database() { # name, owner, who may connect besides
    sql -v name="$1" -v owner="$2" <<'SQL'
CREATE DATABASE :"name" OWNER :"owner" TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
    if [ -n "${3:-}" ]; then
        sql -v name="$1" -v app="$3" <<'SQL'
GRANT CONNECT ON DATABASE :"name" TO :"app";
SQL
    fi
}

for service in referrals providers matching monitoring; do
    role "${service}_owner" "$OWNER_PASSWORD"
    role "${service}_app" "$APP_PASSWORD"
    database "hearth_${service}" "${service}_owner" "${service}_app"
done

role hearth_signin "$SIGNIN_PASSWORD"
database hearth_signin hearth_signin
