#!/bin/sh
# Compiles hearth.scss against GOV.UK Frontend of the version that govuk-frontend-jinja's macros are made for. Needs node and npm.
# Run it with `make css` after a change of hearth.scss or of the wheel; what it makes is committed.
set -eu
GOVUK_FRONTEND=6.3.0
SASS=1.93.2
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --no-save "govuk-frontend@$GOVUK_FRONTEND" "sass@$SASS"
{
    echo "/* GOV.UK Frontend $GOVUK_FRONTEND (MIT, Crown copyright (Government Digital Service); docs/attributions.md) and Hearth's own. */"
    node_modules/.bin/sass --style=compressed --no-source-map --quiet-deps --no-charset --load-path=node_modules/govuk-frontend/dist "$here/hearth.scss"
} >"$here/../monitoring/static/hearth.css"
