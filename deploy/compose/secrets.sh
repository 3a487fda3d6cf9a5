#!/bin/sh
# Makes the secrets of compose.yml in the folder secrets/ beside this file. Changes none that is there.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
password() {
  [ -s "secrets/$1" ] || openssl rand -hex 24 > "secrets/$1"
}
url() {
  [ -s "secrets/$1" ] || printf 'postgresql://%s:%s@postgres/ingam\n' "$2" "$(cat "secrets/$3")" > "secrets/$1"
}
password postgres_password
password owner_password
password service_password
url database_url ingam service_password
url database_owner_url ingam_owner owner_password
# Containers read them as other users. The folder stays closed.
chmod 644 secrets/*
