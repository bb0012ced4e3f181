# Makes the role and the database, and shows that the product can use them. Safe to run again.
# From the environment: psql's own PG* variables, for the administrator; DATABASE, ROLE, ROLE_PASSWORD.
set -eu
scripts=${0%/*}

# A new server's name can take minutes to be known. Whoever answers is told no password, and even a
# refusal is an answer: psql then says what is wrong.
answers() {
  PGPASSWORD='' PGSSLMODE=disable pg_isready --quiet --timeout=5
}

tries=24
until answers || [ "$tries" -eq 0 ]; do
  tries=$((tries - 1))
  sleep 5
done

# The database's name goes by the environment, because psql reads an argument with "=" as settings.
run() {
  psql --no-psqlrc --quiet --no-password --set=ON_ERROR_STOP=1 \
    --set="role=$ROLE" --set="database=$DATABASE" --file="$scripts/$1"
}

# The password twice, for psql's \password. printf is the shell's own: no process has it as an argument.
export PGDATABASE=postgres
printf '%s\n%s\n' "$ROLE_PASSWORD" "$ROLE_PASSWORD" | run server.sql

export PGDATABASE="$DATABASE"
run inside.sql

export PGUSER="$ROLE" PGPASSWORD="$ROLE_PASSWORD"
run check.sql
echo 'The role and the database are ready.'
