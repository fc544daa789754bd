#!/bin/bash
# Run once by compose.yaml when Elasticsearch is up: the password that Kibana signs in with, the monitor's role and user.
# Running it again changes nothing but the passwords.
set -euo pipefail

engine="http://elasticsearch:9200"

call() { # METHOD PATH JSON
    curl --silent --show-error --fail-with-body --user "elastic:${ELASTIC_PASSWORD}" \
        --header "Content-Type: application/json" --request "$1" "${engine}$2" --data "$3" > /dev/null
}

call POST /_security/user/kibana_system/_password "{\"password\": \"${KIBANA_SYSTEM_PASSWORD}\"}"
call PUT /_security/role/media_monitor "@/setup/role.json"
call PUT /_security/user/media_monitor "{\"password\": \"${STORE_PASSWORD}\", \"roles\": [\"media_monitor\"]}"
echo "role and users are there"
