#!/bin/sh
# Pin every dependency with its hashes. Run after changing a pyproject.toml or dev.in: make pins.
# dev.txt is resolved first and constrains the others, so all of them agree. The files name no index: any mirror serves.
set -eu
cd "$(dirname "$0")/.."
pin() {
    out=$1
    shift
    "${UV:-uv}" pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
        --no-emit-package hearth-shared --no-emit-package hearth-referrals --no-emit-package hearth-providers \
        --no-emit-package hearth-matching --no-emit-package hearth-monitoring \
        --custom-compile-command "make pins" -o "requirements/$out.txt" "$@"
}
pin dev requirements/dev.in deploy/pyproject.toml
pin launcher -c requirements/dev.txt deploy/pyproject.toml requirements/build.in
for service in referrals providers matching monitoring; do
    pin "$service" -c requirements/dev.txt "services/$service/pyproject.toml" requirements/build.in
done
# Judges that live in environments of their own; that of the SSDA903 return knows one Python alone.
for judge in ssda903 interface dependencies; do
    "${UV:-uv}" pip compile -q --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
        --custom-compile-command "make pins" -o "requirements/judges-$judge.txt" "requirements/judges-$judge.in"
done
