# Puts an empty file where there is none, and shows that the buckets are there. Safe to run again.
# From the environment: ENDPOINT, REGION, PATH_STYLE (true or false), BUCKETS (words), SEEDS (words, each
# bucket/key), ACCESS_KEY_ID, SECRET_ACCESS_KEY, CA_FILE (may be empty).
set -eu

# SHA-256 of nothing: what is sent is signed with its hash, which S3 asks for.
nothing=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
host=${ENDPOINT#*://}

address() {
  if [ "$PATH_STYLE" = true ]; then
    printf '%s/%s' "$ENDPOINT" "$1"
  else
    printf '%s://%s.%s/' "${ENDPOINT%%://*}" "${1%%/*}" "$host"
    case $1 in */*) printf '%s' "${1#*/}" ;; esac
  fi
}

# The status of an answer. The key goes through a pipe: no process has it as an argument.
ask() {
  where=$(address "$1")
  shift
  printf 'user = "%s:%s"\n' "$ACCESS_KEY_ID" "$SECRET_ACCESS_KEY" |
    curl --config - --silent --show-error --output /dev/null --write-out '%{http_code}' \
      --aws-sigv4 "aws:amz:$REGION:s3" --header "x-amz-content-sha256: $nothing" \
      ${CA_FILE:+--cacert "$CA_FILE"} \
      --connect-timeout 10 --max-time 60 --retry 5 --retry-delay 5 --retry-connrefused "$@" "$where"
}

fail() {
  echo "$1" >&2
  exit 1
}

for bucket in $BUCKETS; do
  status=$(ask "$bucket" --head)
  case $status in
    2*) ;;
    404) fail "There is no bucket $bucket at $ENDPOINT: make it, or correct its name." ;;
    301 | 307 | 400) fail "Bucket $bucket: answer $status; is it in the region $REGION?" ;;
    # A key may be good for objects and not for this question.
    403) echo "Bucket $bucket: the access key may not ask for it; going on." ;;
    *) fail "Bucket $bucket at $ENDPOINT: answer $status." ;;
  esac
done

for seed in $SEEDS; do
  status=$(ask "$seed" --head)
  case $status in
    2*)
      echo "$seed is there and stays as it is."
      continue
      ;;
    404) ;;
    403) fail "$seed: refused (403). The access key must be allowed to read, write and list." ;;
    *) fail "$seed: answer $status to the question whether it is there." ;;
  esac
  # Only if it is still absent: whoever was quicker wins.
  status=$(ask "$seed" --request PUT --data '' --header 'If-None-Match: *' \
    --header 'Content-Type: application/yaml')
  case $status in
    2*) echo "$seed was placed." ;;
    409 | 412) echo "$seed has come meanwhile and stays as it is." ;;
    403) fail "$seed: refused (403). The access key must be allowed to write." ;;
    501) fail "$seed: this service cannot write on a condition; place it by hand, set seeds: leave." ;;
    *) fail "$seed: answer $status." ;;
  esac
done
echo 'All five buckets are ready.'
