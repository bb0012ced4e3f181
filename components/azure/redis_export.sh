#!/bin/sh
# Export the whole of a Redis of Azure to a container, by a signature that ends by itself.
# https://learn.microsoft.com/en-us/azure/redis/how-to-import-export-data
set -eu

az login --service-principal --username "$AZURE_CLIENT_ID" --tenant "$AZURE_TENANT_ID" \
  --federated-token "$(cat "$AZURE_FEDERATED_TOKEN_FILE")" --output none

signature=$(az storage container generate-sas --account-name "$ACCOUNT" --name "$CONTAINER" \
  --permissions acdlrw --expiry "$(date -u -d '+6 hours' '+%Y-%m-%dT%H:%MZ')" \
  --as-user --auth-mode login --https-only --output tsv)

az rest --method post --url "https://management.azure.com$DATABASE/export?api-version=2025-07-01" \
  --body "{\"sasUri\": \"https://$ACCOUNT.blob.core.windows.net/$CONTAINER?$signature\"}" --output none
echo "Azure has begun to export $DATABASE to the container $CONTAINER of $ACCOUNT."
