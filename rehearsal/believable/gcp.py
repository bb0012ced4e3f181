"""What Google Cloud computes."""

import base64
import json
from collections.abc import Callable, Mapping

from rehearsal.believable.request import Request, Values, identifier_of

_COMPUTE = "https://www.googleapis.com/compute/v1"
# Of private services: an address in the range that a test of networks may use (RFC 2544).
_FIRST_OCTETS = "198.18"


def common(request: Request, identifier: str) -> Values:
    """What most resources of Google Cloud have: a project, a region and all labels."""
    outputs = request.kind.outputs
    found: Values = {}
    if "project" in outputs:
        found["project"] = _project(request)
    if "region" in outputs:
        found["region"] = _region(request)
    if "pulumiLabels" in outputs:
        found["pulumiLabels"] = found["effectiveLabels"] = _labels(request)
    return found


def _project(request: Request) -> str:
    return str(request.inputs.get("project") or request.provider.get("project") or "example")


def _region(request: Request) -> str:
    given = request.inputs.get("region") or request.provider.get("region")
    return str(given or "europe-west4")


def _labels(request: Request) -> Values:
    defaults = request.provider.get("defaultLabels") or {}
    return {**defaults, **(request.inputs.get("labels") or {})}


def _path(*parts: str) -> str:
    return "/".join(parts)


def _compute(collection: str, *, regional: bool) -> Callable[[Request], Values]:
    """A resource of Compute Engine, whose identifier is its path."""

    def found(request: Request) -> Values:
        where = _path("regions", _region(request)) if regional else "global"
        path = _path("projects", _project(request), where, collection, identifier_of(request))
        return {"id": path, "selfLink": f"{_COMPUTE}/{path}"}

    return found


def _address(*, regional: bool) -> Callable[[Request], Values]:
    compute = _compute("addresses", regional=regional)

    def found(request: Request) -> Values:
        low = int(request.digest("address", 4), 16)
        return {**compute(request), "address": f"198.{18 + low % 2}.{low >> 8}.{low & 255}"}

    return found


def _nat(request: Request) -> Values:
    where = _path(_project(request), _region(request), str(request.inputs.get("router")))
    return {"id": _path(where, identifier_of(request))}


def _connection(request: Request) -> Values:
    network, service = request.inputs.get("network"), request.inputs.get("service")
    return {"id": f"{network}:{service}", "peering": "servicenetworking-googleapis-com"}


def _cluster(request: Request) -> Values:
    name, where = identifier_of(request), str(request.inputs.get("location"))
    path = _path("projects", _project(request), "locations", where, "clusters", name)
    version = f"{request.inputs.get('minMasterVersion')}.5-gke.100"
    return {
        "id": path,
        "selfLink": f"https://container.googleapis.com/v1/{path}",
        "endpoint": _private(request, "endpoint"),
        "masterAuth": {"clusterCaCertificate": base64.b64encode(_pem(request).encode()).decode()},
        "masterVersion": version,
    }


def _node_pool(request: Request) -> Values:
    cluster = _path(_project(request), str(request.inputs.get("location")))
    return {"id": _path(cluster, str(request.inputs.get("cluster")), identifier_of(request))}


def _private(request: Request, what: str) -> str:
    low = int(request.digest(what, 4), 16)
    return f"{_FIRST_OCTETS}.{low >> 8}.{low & 255}"


def _pem(request: Request) -> str:
    """In the form of a certificate; nobody checks what it says."""
    body = base64.b64encode(request.data("certificate", 96)).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])


def _database_instance(request: Request) -> Values:
    name = identifier_of(request)
    address = _private(request, "address")
    return {
        "id": name,
        "connectionName": f"{_project(request)}:{_region(request)}:{name}",
        "privateIpAddress": address,
        "firstIpAddress": address,
        "publicIpAddress": "",
        "serverCaCerts": [{"cert": _pem(request), "commonName": f"C=US,O=Google,CN={name}"}],
        "selfLink": f"https://sqladmin.googleapis.com/sql/v1beta4/{name}",
    }


def _sql_user(request: Request) -> Values:
    return {"id": f"{request.inputs.get('name')}//{request.inputs.get('instance')}"}


def _redis(request: Request) -> Values:
    name = identifier_of(request)
    tls = request.inputs.get("transitEncryptionMode") == "SERVER_AUTHENTICATION"
    found: Values = {
        "id": _path(
            "projects", _project(request), "locations", _region(request), "instances", name
        ),
        "host": _private(request, "host"),
        "port": 6378 if tls else 6379,
        "readEndpoint": "",
        "readEndpointPort": 0,
        "authString": "",
        "serverCaCerts": [],
    }
    if request.inputs.get("readReplicasMode") == "READ_REPLICAS_ENABLED":
        found |= {"readEndpoint": _private(request, "reader"), "readEndpointPort": found["port"]}
    if request.inputs.get("authEnabled"):
        found["authString"] = request.digest("auth", 36)
    if tls:
        found["serverCaCerts"] = [{"cert": _pem(request)}]
    return found


def _bucket(request: Request) -> Values:
    name = identifier_of(request)
    return {"id": name, "url": f"gs://{name}", "selfLink": f"https://storage.googleapis.com/{name}"}


def _object(request: Request) -> Values:
    bucket, name = request.inputs.get("bucket"), request.inputs.get("name")
    return {"id": f"{bucket}-{name}", "outputName": name}


def _account(request: Request) -> Values:
    project = _project(request)
    email = f"{request.inputs.get('accountId')}@{project}.iam.gserviceaccount.com"
    path = _path("projects", project, "serviceAccounts", email)
    return {"id": path, "name": path, "email": email, "member": f"serviceAccount:{email}"}


def _key(request: Request) -> Values:
    account = str(request.inputs.get("serviceAccountId"))
    path = _path(account, "keys", request.digest("key", 40))
    document = {
        "type": "service_account",
        "client_email": account.rpartition("/")[2],
        "private_key_id": request.digest("key", 40),
        "private_key": base64.b64encode(request.data("secret", 96)).decode(),
    }
    return {
        "id": path,
        "name": path,
        "privateKey": base64.b64encode(json.dumps(document).encode()).decode(),
    }


def _member(*inputs: str) -> Callable[[Request], Values]:
    """A member of a policy has no name but what it says."""
    return lambda request: {"id": "/".join(str(request.inputs.get(it)) for it in inputs)}


SPECIAL: Mapping[str, Callable[[Request], Values]] = {
    "gcp:compute/network:Network": _compute("networks", regional=False),
    "gcp:compute/subnetwork:Subnetwork": _compute("subnetworks", regional=True),
    "gcp:compute/router:Router": _compute("routers", regional=True),
    "gcp:compute/routerNat:RouterNat": _nat,
    "gcp:compute/address:Address": _address(regional=True),
    "gcp:compute/globalAddress:GlobalAddress": _address(regional=False),
    "gcp:servicenetworking/connection:Connection": _connection,
    "gcp:container/cluster:Cluster": _cluster,
    "gcp:container/nodePool:NodePool": _node_pool,
    "gcp:sql/databaseInstance:DatabaseInstance": _database_instance,
    "gcp:sql/user:User": _sql_user,
    "gcp:redis/instance:Instance": _redis,
    "gcp:storage/bucket:Bucket": _bucket,
    "gcp:storage/bucketObject:BucketObject": _object,
    "gcp:storage/bucketIAMMember:BucketIAMMember": _member("bucket", "role", "member"),
    "gcp:dns/recordSet:RecordSet": _member("managedZone", "name", "type"),
    "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember": _member(
        "managedZone", "role", "member"
    ),
    "gcp:serviceaccount/iAMMember:IAMMember": _member("serviceAccountId", "role", "member"),
    "gcp:projects/iAMMember:IAMMember": _member("project", "role", "member"),
    "gcp:projects/service:Service": _member("project", "service"),
    "gcp:serviceaccount/account:Account": _account,
    "gcp:serviceaccount/key:Key": _key,
}
